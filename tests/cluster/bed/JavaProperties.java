// SPDX-License-Identifier: Apache-2.0

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Properties;

/**
 * java.util.Properties for tests in other languages. A line in, a line out, everything in
 * hexadecimal: "load TEXT" gives "KEY=VALUE ...", or "refused"; "store KEY VALUE" gives the text.
 * TEXT is UTF-8 on both sides; keys and values come out as UTF-16, so that lone surrogates survive.
 */
class JavaProperties {
    private static final HexFormat HEX = HexFormat.of();

    public static void main(String[] arguments) throws IOException {
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        for (String line; (line = in.readLine()) != null;) {
            String[] words = line.split(" ", -1);
            System.out.println(words[0].equals("load") ? load(text(words[1])) : store(text(words[1]), text(words[2])));
        }
    }

    private static String text(String hex) {
        return new String(HEX.parseHex(hex), StandardCharsets.UTF_8);
    }

    private static String hex(String text, Charset charset) {
        var bytes = new StringBuilder();
        if (charset == StandardCharsets.UTF_8) {
            return HEX.formatHex(text.getBytes(charset));
        }
        for (char unit : text.toCharArray()) {
            bytes.append(HEX.toHexDigits((short) unit));
        }
        return bytes.toString();
    }

    private static String load(String text) throws IOException {
        var properties = new Properties();
        try {
            properties.load(new StringReader(text));
        } catch (IllegalArgumentException e) {
            return "refused";
        }
        var out = new StringBuilder();
        for (String key : properties.stringPropertyNames()) {
            out.append(hex(key, StandardCharsets.UTF_16BE)).append('=');
            out.append(hex(properties.getProperty(key), StandardCharsets.UTF_16BE)).append(' ');
        }
        return out.toString();
    }

    private static String store(String key, String value) throws IOException {
        var properties = new Properties();
        var out = new StringWriter();
        properties.setProperty(key, value);
        properties.store(out, null);
        String text = out.toString();
        return hex(text.substring(text.indexOf('\n') + 1), StandardCharsets.UTF_8); // without the date
    }
}
