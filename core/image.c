/* SPDX-License-Identifier: Apache-2.0 */
#include "core/image.h"

#include <string.h>

#include "core/arena.h"

static const char hub[] = "docker.io";
static const char old_hub[] = "index.docker.io";

static bool is_text(const char *start, size_t len, const char *text)
{
    return len == strlen(text) && memcmp(start, text, len) == 0;
}

size_t image_registry_length(const char *image)
{
    size_t len = strcspn(image, "/");
    bool is_registry = memchr(image, '.', len) != NULL || memchr(image, ':', len) != NULL ||
                       is_text(image, len, "localhost");
    return image[len] == '/' && is_registry ? len : 0;
}

const char *image_full_name(struct arena *a, const char *image)
{
    size_t len = image_registry_length(image);
    bool is_of_hub = len == 0 || is_text(image, len, hub) || is_text(image, len, old_hub);
    if (!is_of_hub) {
        return image;
    }
    const char *rest = len == 0 ? image : image + len + 1;
    const char *folder = strchr(rest, '/') == NULL ? "library/" : "";
    return arena_printf(a, "%s/%s%s", hub, folder, rest);
}

bool image_begins_with(const char *image, const char *prefix)
{
    size_t len = strlen(prefix);
    if (strncmp(image, prefix, len) != 0) {
        return false;
    }
    return (len > 0 && prefix[len - 1] == '/') || strchr("/:@", image[len]) != NULL;
}
