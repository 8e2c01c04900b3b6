# SPDX-License-Identifier: Apache-2.0
"""Storage without a provisioner: volumes that lie ready for the scheduler to bind claims to."""


def storage_class(api, name, volumes, access_mode="ReadWriteOnce", size="1Gi"):
    """A class of so many volumes; a claim is bound when the scheduler has a node for its pod."""
    api.group("storage.k8s.io/v1", "storageclasses").create({
        "metadata": {"name": name}, "provisioner": "kubernetes.io/no-provisioner",
        "volumeBindingMode": "WaitForFirstConsumer"})
    for number in range(volumes):
        api.core("persistentvolumes").create({
            "metadata": {"name": f"{name}-{number}"},
            "spec": {"storageClassName": name, "capacity": {"storage": size}, "accessModes": [access_mode],
                     "persistentVolumeReclaimPolicy": "Retain", "hostPath": {"path": f"/{name}/{number}"}}})
    return name
