package dev.latchkey.gateway.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every spelling of a path is judged in one form, or not at all. */
class CanonicalPathTest {

    private static List<String> segments(CanonicalPath path) {
        List<String> all = new ArrayList<>();
        CanonicalPath.Segments segments = path.segments();
        for (String segment = segments.next(); segment != null; segment = segments.next()) {
            all.add(segment);
        }
        return all;
    }

    @ParameterizedTest
    @ValueSource(strings = { "/", "/a", "/a/", "/v3/licenses/0190-ab_c~d.e", "/a.b/c", "/caf%C3%A9/%F0%9F%94%91", "/a%20b",
            "/100%25", "/a!$&'()*+,=:@b", "/%25zz" })
    void whatIsInThisFormStaysAsItIs(String path) {
        assertThat(CanonicalPath.of(path)).isInstanceOfSatisfying(CanonicalPath.class, canonical -> {
            assertThat(canonical.text()).isEqualTo(path);
            assertThat(canonical.isAsSent()).isTrue();
        });
    }

    @ParameterizedTest
    @CsvSource({ "//,/", "/.,/", "/./,/", "/a/..,/", "/a/../,/", "/a//b,/a/b", "//a,/a", "/a/./b,/a/b", "/a/b/../c,/a/c",
            "/a/b/..,/a/", "/a/.,/a/", "/%61dmin,/admin", "/a/%2e%2E/b,/b", "/a/%2e/b,/a/b", "/.%2e/..%2f,", "/a/%7e,/a/~",
            "/caf%c3%a9,/caf%C3%A9", "/a//,/a/", "/...,/...", "/a/..b,/a/..b", "/%2D%5F,/-_" })
    void otherSpellingsBecomeIt(String path, String canonical) {
        JudgedPath judged = CanonicalPath.of(path);
        if (canonical == null) {
            assertThat(judged).isInstanceOf(UnacceptablePath.class);
            return;
        }
        assertThat(judged).isInstanceOfSatisfying(CanonicalPath.class, it -> {
            assertThat(it.text()).isEqualTo(canonical);
            assertThat(it.isAsSent()).isEqualTo(path.equals(canonical));
        });
    }

    @ParameterizedTest
    @ValueSource(strings = { "", "a", "*", "http://host/a", "/..", "/a/../..", "/%2e%2e/a", "/a%2Fb", "/a%2fb", "/a%5Cb",
            "/a\\b",
            "/a;b", "/a;v=1/b", "/a%3Bb", "/..;/a", "/a%", "/a%2", "/a%zz", "/%00", "/a%0d%0aX:1", "/a%7F", "/%C0%AE%C0%AE/a",
            "/%c0%af", "/%E0%80%AF", "/%FF", "/%C3", "/%ED%A0%80", "/caf\u00e9", "/a b", "/a\tb", "/a\"b", "/<a>", "/a|b",
            "/a^b",
            "/{a}", "/%252e%252e/a", "/%2561dmin", "/a%252Fb", "/%25a%61", "/\u2215", "/[a]", "/a`b", "/\u0000" })
    void whatProgramsDisagreeAboutHasNoForm(String path) {
        assertThat(CanonicalPath.of(path)).isInstanceOf(UnacceptablePath.class);
    }

    @Test
    void anEndlessPathIsNotLookedAt() {
        assertThat(CanonicalPath.of("/" + "a".repeat(CanonicalPath.MAX_LENGTH))).isInstanceOf(UnacceptablePath.class);
    }

    @Test
    void segmentsAreDecodedAndATrailingSlashMakesNone() {
        assertThat(segments((CanonicalPath) CanonicalPath.of("/a%20b/caf%C3%A9/x/"))).containsExactly("a b", "caf\u00e9", "x");
        assertThat(segments((CanonicalPath) CanonicalPath.of("/"))).isEmpty();
    }

    /** Any spelling that is accepted stands for what a plain decoder and resolver make of it, and is not changed again. */
    @Test
    void whateverIsSentTheFormMeansTheSameAndIsStable() {
        Random random = new Random(20261124);
        String[] pieces = { "/", "/", "/", "a", "b", "admin", ".", "..", "%2e", "%2E", "%61", "%2f", "%25", "%c3%a9", "%C3",
                ";", "\\",
                "~", "%7E", "%20", "%252e", "//", "%00", "+", "%2B" };
        int accepted = 0;
        for (int i = 0; i < 200_000; i++) {
            StringBuilder raw = new StringBuilder("/");
            for (int n = random.nextInt(8); n >= 0; n--) {
                raw.append(pieces[random.nextInt(pieces.length)]);
            }
            if (!(CanonicalPath.of(raw.toString()) instanceof CanonicalPath path)) {
                continue;
            }
            accepted++;
            assertThat(CanonicalPath.of(path.text())).as("of %s", raw).isInstanceOfSatisfying(CanonicalPath.class, again -> {
                assertThat(again.text()).isEqualTo(path.text());
                assertThat(again.isAsSent()).isTrue();
            });
            assertThat(segments(path)).as("of %s", raw).isEqualTo(decodedFirst(raw.toString()));
            assertThat(path.isAsSent()).isEqualTo(path.text().contentEquals(raw));
        }
        assertThat(accepted).isGreaterThan(20_000);
    }

    /** What a careless API does: decode everything, then resolve. It must not arrive anywhere else. */
    private static List<String> decodedFirst(String raw) {
        String decoded = java.net.URLDecoder.decode(raw.replace("+", "%2B"), StandardCharsets.UTF_8);
        List<String> segments = new ArrayList<>();
        for (String segment : decoded.split("/")) {
            if (segment.equals("..")) {
                segments.remove(segments.size() - 1);
            } else if (!segment.isEmpty() && !segment.equals(".")) {
                segments.add(segment);
            }
        }
        return segments;
    }
}
