/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>

#include "policies/load.h"
#include "server/findings.h"

Test(findings, line_0_is_the_file_itself)
{
    char place[FINDING_PLACE_MAX];
    finding_place(&(struct finding){.file = "a.yaml", .line = 3, .column = 7}, place);
    cr_expect_str_eq(place, "a.yaml:3:7");
    finding_place(&(struct finding){.file = "nothere", .text = "cannot be read"}, place);
    cr_expect_str_eq(place, "nothere");
}
