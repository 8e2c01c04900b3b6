# SPDX-License-Identifier: Apache-2.0
"""JSON values that RFC 8259 allows and that it does not, from its grammar, section by section.

Beyond the RFC, and on purpose, these are refused: lone surrogates in strings (they are no
characters, and readers disagree about them), duplicate keys (readers disagree which one
counts), more than 64 levels, more than 65,536 values. The API server sends none of these.
U+0000 written as an escape is a character like any other.
"""

DEPTH_MAX = 64
VALUES_MAX = 65536


def _bytes(text):
    return text if isinstance(text, bytes) else text.encode()


def _named(prefix, values):
    return [(f"{prefix} {v!r}"[:80], _bytes(v)) for v in values]


def _strings(prefix, insides):
    """Each as the inside of a string value."""
    return [(f"{prefix} {v!r}"[:80], b'"' + _bytes(v) + b'"') for v in insides]


def accepted():
    """(name, text of a value) that must be taken."""
    return (
        _named("literal", ["null", "true", "false"])
        + _named("number", [
            "0", "-0", "1", "-1", "9", "10", "1234567890", "9007199254740993", "-9223372036854775808",
            "18446744073709551616", "123456789012345678901234567890123456789012345678901234567890",
            "0.0", "-0.0", "0.5", "-0.5", "1.25", "3.14159265358979323846264338327950288", "10.01",
            "0e0", "0E0", "0e+1", "0E-1", "1e5", "1E5", "1e+5", "1E+5", "1e-5", "1.5e3", "1.5E-3", "-1.5e+3",
            "1e00005", "1e400", "-1e400", "1e-400", "1e99999", "0." + "0" * 500 + "1", "1" * 500])
        + _strings("string", [
            "", " ", "a", "plain text", "/", "a/b", "'", "{[]}", ":,", "\x7f", "null", "# // /* */",
            "é", "ß", "€", "日本語", "\U0001f680", "\U0010ffff", "\u0080", "\u07ff", "\u0800", "\uffff", "\ufeff",
            "\ufffe", "\ud7ff", "\ue000", "\u2028\u2029", "\U00010000", "x" * 5000])
        + _strings("escape", [
            r"\"", r"\\", r"\/", r"\b", r"\f", r"\n", r"\r", r"\t", r"\\n", r"\\u0000", r"\u0001", r"\u001f",
            r"\u0020", r"\u0022", r"\u005c", r"\u002F", r"\u007f", r"\u00e9", r"\u00E9", r"\uABCD", r"\uabcd",
            r"\uffff", r"\ud83d\ude80", r"\uD800\uDC00", r"\udbff\udfff", r"a\u0062c", r"\u12345", r"\"\"",
            r"\u0000", r"a\u0000b", r"\\\u0000", r"\u0000\u0000",
            r"\\\\", r"\ud83d\ude80\ud83d\ude80"])
        + _named("list", [
            "[]", "[ ]", "[\n]", "[1]", "[1,2]", "[1 , 2]", "[[]]", "[[],[]]", "[{}]", "[null,true,false]", '["a",1,{}]',
            "[\t1\r\n,\n2 ]", "[" + ",".join(["0"] * 5000) + "]", "[[[[[[[[[[]]]]]]]]]]", '[""]', "[-0]", "[0.1,1e2]"])
        + _named("object", [
            "{}", "{ }", "{\r\n}", '{"a":1}', '{"a":1,"b":2}', '{ "a" : 1 , "b" : 2 }', '{"":0}', '{"a":{"a":{"a":{}}}}',
            '{"a":[]}', '{"A":1,"a":2}', '{"a b":1}', '{"a/b":1,"a~b":2,"~1":3,"~0":4}', r'{"\u0061":1}', r'{"\"":1}', r'{"\u0000":1,"":2}',
            '{"é":1}', r'{"\n":1}', '{"__proto__":1,"constructor":2}', '{"1":1}', '{"a":null}'])
    )


def _bad_utf8():
    valid_two, valid_three, valid_four = b"\xc3\xa9", b"\xe2\x82\xac", b"\xf0\x9f\x9a\x80"
    texts = [bytes([b]) for b in (0x80, 0x8f, 0xa0, 0xbf, 0xc0, 0xc1, 0xf5, 0xf8, 0xfc, 0xfe, 0xff)]
    texts += [b"\xc0\x80", b"\xc1\xbf", b"\xc0\xaf", b"\xe0\x80\x80", b"\xe0\x80\xaf", b"\xe0\x9f\xbf"]  # overlong
    texts += [b"\xf0\x80\x80\x80", b"\xf0\x8f\xbf\xbf", b"\xf8\x88\x80\x80\x80", b"\xfc\x84\x80\x80\x80\x80"]
    texts += [b"\xed\xa0\x80", b"\xed\xaf\xbf", b"\xed\xb0\x80", b"\xed\xbf\xbf", b"\xed\xa0\xbd\xed\xba\x80"]  # surrogates
    texts += [b"\xf4\x90\x80\x80", b"\xf5\x80\x80\x80", b"\xf7\xbf\xbf\xbf"]  # over U+10FFFF
    for whole in (valid_two, valid_three, valid_four):
        texts += [whole[:n] for n in range(1, len(whole))]
        texts += [whole[:n] + b"x" for n in range(1, len(whole))]
        texts.append(whole + b"\x80")
    texts += [b"caf\xe9", b"\xff\xfea\x00", b"a\xc3\xa9\xc3b", b"\xc3\xc3\xa9"]
    return texts


def rejected():
    """(name, text of a value) that must be refused."""
    return (
        _named("literal", [
            "True", "TRUE", "False", "NULL", "Null", "nul", "nulll", "tru", "fals", "truefalse", "nil", "undefined", "None",
            "yes", "a", "@", "$", "null null", "true,", "trUe"])
        + _named("number", [
            "+1", "+0", "01", "-01", "00", "-00", "000.1", "1.", "-1.", "0.", ".5", "-.5", ".", "-", "+", "--1", "- 1", "1e", "1E",
            "1e+", "1e-", "1e+-2", "1e1.5", "e5", ".e1", "1.e1", "0.e1", "1..2", "1.2.3", "1-2", "1+2", "0x10", "0b1", "0o7",
            "1_000", "1,000", "1 000", "1f", "1L", "1n", "NaN", "-NaN", "Infinity", "-Infinity", "inf", "1e1e1", "0e", "12a", "1/2",
            "\u0661", "\uff11", "1\u00a0", "-Inf", "1d", "2.e+3", "2.e-3", "-2.", "1ee2", "0E+", "0.3e", "0.3e+", "9.e+"])
        + _strings("raw control", [bytes([b]) for b in range(0x20)])
        + _strings("bad escape", [
            "\\a", "\\v", "\\0", "\\x41", "\\'", "\\e", "\\U00000041", "\\u", "\\u1", "\\u12", "\\u123", "\\u123g", "\\uXYZW",
            "\\u 123", "\\u-123", "\\u+123", "\\u{41}", "\\ ", "\\\n", "\\\u00e9", "\\1", "\\N", "\\T", b"\\\xff", "\\u00", "\\u00g0",
            "\\u0x41"])
        + _strings("lone surrogate", [
            "\\ud800", "\\udbff", "\\udc00", "\\udfff", "\\ud83d", "\\ude80", "\\ud83dx", "\\ud83d\\n", "\\ud83d\\u0041",
            "\\ud83d\\ud83d", "\\ude80\\ud83d", "\\ud83d \\ude80", "\\ud83d\\ude80\\ud83d", "\\uD83D\\u00e9", "a\\udc00b"])
        + _strings("invalid UTF-8", _bad_utf8())
        + _named("string", [
            '"', '"abc', '"abc\\', '"abc\\"', "'abc'", "abc", '"a"b"', '"a" "b"', '"a"+"b"', "`a`", '\\"a\\"', "\u201ca\u201d", '"""'])
        + _named("list", [
            "[", "]", "[1", "[1,", "[1,]", "[,1]", "[,]", "[1,,2]", "[1 2]", "[1;2]", "[1}", "[[]", "[]]", "[1:2]", "(1)", '["a"',
            '["a",', "[1,\n2", "[1,2", '["": 1]', "[...]", "[*]", "[1]x", "[1],", "[ , ]", "[a]", "['a']", "[-]", "[.1]"])
        + _named("object", [
            "{", "{]", '{"a"', '{"a":', '{"a":1', '{"a":1,', '{"a":1,}', '{,"a":1}', "{,}", '{"a"}', '{"a",1}', '{"a"=1}',
            '{"a" 1}', '{"a"::1}', '{"a":1 "b":2}', '{"a":1,,"b":2}', '{"a":1;"b":2}', "{a:1}", "{'a':1}", "{1:1}", "{null:1}",
            "{true:1}", "{[]:1}", "{{}:1}", '{"a":}', '{:1}', '{"a":1:2}', '{"a":1}}', '{"a":1]', '{"a" "b"}', '{"a\n":1}',
            '{"a":1,"b"}', '{"a":1,2}', '{"a": :1}', '{"a",}', '{"a":1}{', '{"\\u00":1}', b'{"\xff":1}',
            '{"\\ud800":1}', '{"a":1/**/}'])
        + _named("duplicate key", [
            '{"a":1,"a":1}', '{"a":1,"a":2}', '{"a":1,"b":2,"a":3}', r'{"a":1,"\u0061":2}', '{"x":{"a":{},"a":[]}}',
            '[{"a":1,"a":1}]', '{"":1,"":2}', r'{"\n":1,"\u000a":2}', r'{"\u0000":1,"\u0000":2}', '{"é":1,"\\u00e9":2}',
            "{" + ",".join(f'"k{i}":0' for i in range(1000)) + ',"k0":0}'])
        + _named("white space", [
            "\u00a01", "1\u2003", "\x0b1", "\x0c1", "1\x0c", "[\x0b]", "[\x0c1]", "{\u00a0}", "\ufeff1", "[1,\u20282]", "\x001",
            "1\x00", "[1\x00]", "\x1f1", "\x7f1", "[\x08]", "\u30001", b"\x851"])
        + _named("comment", [
            "/**/1", "1/**/", "//\n1", "1//x\n", "#\n1", "[1,/*x*/2]", '{"a":/*x*/1}', "<!-- -->1", "-- x\n1", ";x\n1"])
        + _named("nothing", ["", " ", ",", ":", ";", "\\", "&", "<null>", "%", "?", "*"])
    )


def nested(levels, kind):
    """A value of so many arrays or objects inside each other."""
    if kind == "list":
        return b"[" * levels + b"]" * levels
    return b'{"a":' * (levels - 1) + b"{}" + b"}" * (levels - 1)


def documents_accepted(document):
    """(name, bytes) of whole documents around a good one."""
    return [("white space before", b" \t\r\n" + document), ("white space after", document + b"\n\r\t  "),
            ("much white space", b" " * 5000 + document + b"\n" * 5000)]


def documents_rejected(document):
    """(name, bytes) of whole documents that are no JSON text."""
    return [
        ("byte order mark", b"\xef\xbb\xbf" + document),
        ("UTF-16", document.decode().encode("utf-16")),
        ("UTF-16 without mark", document.decode().encode("utf-16-le")),
        ("UTF-32", document.decode().encode("utf-32")),
        ("NUL behind", document + b"\x00"),
        ("NUL and more behind", document + b"\x00" + document),
        ("NUL before", b"\x00" + document),
        ("form feed behind", document + b"\x0c"),
        ("vertical tab before", b"\x0b" + document),
        ("comma behind", document + b","),
        ("brace behind", document + b"}"),
        ("bracket behind", document + b"]"),
        ("letter behind", document + b"x"),
        ("value behind", document + b"\n1"),
        ("twice", document + document),
        ("twice on lines", document + b"\n" + document),
        ("comment behind", document + b"// x"),
        ("comment before", b"/* x */" + document),
        ("sequence of RFC 7464", b"\x1e" + document + b"\n"),
        ("in a list", b"[" + document + b"]"),
        ("as a string", b'"' + document.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'),
        ("in parentheses", b"(" + document + b")"),
        ("padding guard", b")]}'\n" + document),
        ("invalid UTF-8 behind", document + b"\xff"),
        ("no-break space behind", document + b"\xc2\xa0"),
        ("without its last byte", document[:-1]),
        ("without its first byte", document[1:]),
        ("half", document[: len(document) // 2]),
        ("empty", b""),
        ("only white space", b" \n\t "),
        ("lists without end", b"[" * 100_000),
        ("objects without end", b'{"a":' * 50_000),
        ("lists and objects without end", b'[{"":' * 50_000),
    ]
