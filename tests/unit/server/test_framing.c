/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <criterion/criterion.h>

#include "server/framing.h"
#include "table.h"

#define START "POST /mutate HTTP/1.1\r\nhost: x\r\n"

TestSuite(framing, .timeout = 20);

static const struct {
    const char *head;
    bool is_good;
} heads[] = {
    {START "content-length: 2\r\n\r\n", true},
    {START "Content-Length: 2\r\n\r\n", true},
    {START "transfer-encoding: chunked\r\n\r\n", true},
    {"\r\n" START "content-length: 2\r\n\r\n", true},
    {START "x-content-length: 2\r\ncontent-length-x: 2\r\ncontent-length: 2\r\n\r\n", true},
    {START "x: content-length: 2\r\ncontent-length: 2\r\n\r\n", true},
    {START "content-length: 2\r\ncontent-length: 2\r\n\r\n", false},
    {START "content-length: 2\r\nCONTENT-LENGTH: 3\r\n\r\n", false},
    {START "content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n", false},
    {START "transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n\r\n", false},
    {START "transfer-encoding: chunked\r\nhost: y\r\ncontent-length: 2\r\n\r\n", false},
    {START "x: y\r\n content-length: 3\r\ncontent-length: 2\r\n\r\n", false},
    {START "x: y\r\n\tfolded\r\ncontent-length: 2\r\n\r\n", false},
    {START "x: y\ncontent-length: 2\r\n\r\n", false},
    {START "content-length: 2\n\n", false},
    {START "content-length: 2\r\n\n", false},
    {START "content-length: 2", false},
};

static void head_row(size_t i)
{
    const char *error = framing_error(heads[i].head, strlen(heads[i].head));
    cr_expect_eq(error == NULL, heads[i].is_good, "row %zu: %s", i, error == NULL ? "good" : error);
}

Test(framing, head)
{
    table_run(COUNT(heads), head_row);
}

static const struct {
    const char *value;
    bool is_json;
} types[] = {
    {"application/json", true},
    {"application/json; charset=utf-8", true},
    {"application/json;charset=UTF-8", true},
    {"application/json ;x", true},
    {"Application/JSON", true},
    {"application/json\t", true},
    {"", false},
    {"application/jso", false},
    {"application/jsonx", false},
    {"application/json x", false},
    {"application/json-patch+json", false},
    {"text/plain; application/json", false},
    {" application/json", false},
};

static void content_types_row(size_t i)
{
    cr_expect_eq(framing_is_json(types[i].value, strlen(types[i].value)), types[i].is_json,
                 "\"%s\"", types[i].value);
}

Test(framing, content_types)
{
    table_run(COUNT(types), content_types_row);
}
