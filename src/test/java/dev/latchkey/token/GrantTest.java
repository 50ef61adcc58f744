package dev.latchkey.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

import dev.latchkey.platform.AddressRange;
import dev.latchkey.platform.ApiException;
import dev.latchkey.platform.ApiException.FieldError;
import dev.latchkey.platform.Caller;
import dev.latchkey.platform.ScopeNotGrantable;
import dev.latchkey.scope.ScopeCatalogue;

/** Nobody hands out more than they hold, and what is handed out is named rightly. */
class GrantTest {

    private static final Instant NOON = Instant.parse("2030-01-01T12:00:00Z");

    private final ScopeCatalogue catalogue = new ScopeCatalogue(Map.of("deployment:write", () -> "Deploy."));

    @Nested
    class Scopes {

        @Test
        void areThoseThatAreNamedInOrder() {
            assertThat(catalogue.parse("scopes", List.of("user:read", "deployment:write", "license:read")))
                    .containsExactly("deployment:write", "license:read", "user:read");
        }

        @Test
        void theAcceptedMisspellingBecomesTheCanonicalSpelling() {
            assertThat(catalogue.parse("scopes", List.of("licenseTemaplate:write"))).containsExactly("licenseTemplate:write");
        }

        @Test
        void duplicatesCollapseTheMisspellingIncluded() {
            assertThat(catalogue.parse("scopes",
                    List.of("tag:read", "licenseTemaplate:write", "tag:read", "licenseTemplate:write")))
                    .containsExactly("licenseTemplate:write", "tag:read");
        }

        @Test
        void unknownOnesAreListedAndKnownOnesAreNot() {
            ApiException refusal = catchThrowableOfType(ApiException.class,
                    () -> catalogue.parse("scopes",
                            List.of("license:read", "license:delete", "License:read", "license:delete")));
            assertThat(refusal.status()).isEqualTo(400);
            assertThat(refusal.code()).isEqualTo("VALIDATION_FAILED");
            assertThat(refusal.errors()).singleElement().satisfies(error -> {
                assertThat(error.field()).isEqualTo("scopes");
                assertThat(error.message()).containsOnlyOnce("'license:delete'").contains("'License:read'")
                        .doesNotContain("'license:read'").contains("/v3/scopes");
            });
        }

        @Test
        void ofManyUnknownOnesTwentyAreListedAndTheRestIsCounted() {
            List<String> names = IntStream.range(0, 23).mapToObj(i -> "no:such" + (char) ('a' + i)).toList();
            ApiException refusal = catchThrowableOfType(ApiException.class, () -> catalogue.parse("scopes", names));
            assertThat(refusal.getMessage()).contains("'no:sucha'", "'no:sucht'").doesNotContain("'no:suchu'")
                    .contains("and 3 more");
        }

        @Test
        void anOverlongUnknownOneIsCutShort() {
            ApiException refusal = catchThrowableOfType(ApiException.class,
                    () -> catalogue.parse("scopes", List.of("x".repeat(10_000))));
            assertThat(refusal.getMessage()).hasSizeLessThan(300).contains("x".repeat(100) + "…");
        }
    }

    @Nested
    class Ranges {

        @Test
        void areReadTrimmedAndCollapse() {
            assertThat(Grant.ranges(List.of("10.0.0.0/8", " 192.0.2.1 ", "::ffff:10.0.0.0/104")))
                    .containsExactly(range("10.0.0.0/8"), range("192.0.2.1"));
        }

        @Test
        void noneMeansAnyAddress() {
            assertThat(Grant.ranges(null)).isEmpty();
            assertThat(Grant.ranges(List.of())).isEmpty();
            assertThat(new Grant(new TreeSet<>(), null, List.of(), Optional.empty()).rangeArray()).isNull();
        }

        @Test
        void eachWrongOneIsNamedByItsPlaceAndItsText() {
            ApiException refusal = catchThrowableOfType(ApiException.class,
                    () -> Grant.ranges(List.of("10.0.0.1/8", "10.0.0.0/8", "example.com", "")));
            assertThat(refusal.status()).isEqualTo(400);
            assertThat(refusal.errors()).extracting(FieldError::field)
                    .containsExactly("allowedIps[0]", "allowedIps[2]", "allowedIps[3]");
            assertThat(refusal.errors().get(0).message()).contains("'10.0.0.1/8'", "host bits");
            assertThat(refusal.errors().get(1).message()).contains("'example.com'");
        }
    }

    @Nested
    class ASession {

        private final Caller session = new Caller(UUID.randomUUID(), UUID.randomUUID(), Set.of("license:read", "user:read"),
                new Caller.Session(UUID.randomUUID()));

        @Test
        void handsOutItsScopesForAnyTimeAndFromAnyAddress() {
            assertThatCode(() -> grant(null, "license:read", "user:read").requireWithin(session)).doesNotThrowAnyException();
            assertThatCode(() -> grant(Instant.MAX, "user:read").requireWithin(session)).doesNotThrowAnyException();
            assertThatCode(
                    () -> new Grant(new TreeSet<>(Set.of("user:read")), null, List.of(range("0.0.0.0/0")), Optional.empty())
                            .requireWithin(session))
                    .doesNotThrowAnyException();
        }

        @Test
        void handsOutNoScopeThatItDoesNotHoldAndIsToldWhich() {
            assertThatThrownBy(() -> grant(null, "license:read", "license:write", "tag:read").requireWithin(session))
                    .isInstanceOf(ScopeNotGrantable.class).hasMessageContaining("license:write, tag:read")
                    .hasMessageNotContaining("license:read")
                    .satisfies(refusal -> {
                        assertThat(((ApiException) refusal).status()).isEqualTo(403);
                        assertThat(((ApiException) refusal).code()).isEqualTo("SCOPE_NOT_GRANTABLE");
                    });
        }
    }

    @Nested
    class AToken {

        @Test
        void handsOutNoScopeThatItDoesNotHold() {
            Caller token = token(null);
            assertThatCode(() -> grant(null, "license:read").requireWithin(token)).doesNotThrowAnyException();
            assertThatThrownBy(() -> grant(null, "license:write").requireWithin(token))
                    .isInstanceOf(ScopeNotGrantable.class).hasMessageContaining("license:write");
        }

        @Test
        void handsOutNothingThatOutlivesIt() {
            Caller token = token(NOON);
            assertThatCode(() -> grant(NOON.minusMillis(1), "license:read").requireWithin(token)).doesNotThrowAnyException();
            assertThatCode(() -> grant(NOON, "license:read").requireWithin(token)).doesNotThrowAnyException();
            assertThatThrownBy(() -> grant(NOON.plusMillis(1), "license:read").requireWithin(token))
                    .isInstanceOf(ScopeNotGrantable.class).hasMessageContaining("expiresAt")
                    .hasMessageContaining(NOON.toString());
        }

        @Test
        void thatExpiresHandsOutNothingThatNeverDoes() {
            assertThatThrownBy(() -> grant(null, "license:read").requireWithin(token(NOON)))
                    .isInstanceOf(ScopeNotGrantable.class).hasMessageContaining("expiresAt");
        }

        @Test
        void thatNeverExpiresHandsOutAnyExpiry() {
            assertThatCode(() -> grant(null, "license:read").requireWithin(token(null))).doesNotThrowAnyException();
            assertThatCode(() -> grant(Instant.MAX, "license:read").requireWithin(token(null))).doesNotThrowAnyException();
        }

        @Test
        void handsOutRangesWithinItsOwn() {
            Grant own = from("10.0.0.0/8", "2001:db8::/32");
            for (String[] within : new String[][] { { "10.0.0.0/8" }, { "10.1.2.3" }, { "2001:db8:1::/48", "10.128.0.0/9" },
                    { "::ffff:10.1.2.3" } }) {
                assertThatCode(() -> from(within).requireUseWithin(own)).as("%s", Arrays.toString(within))
                        .doesNotThrowAnyException();
            }
        }

        @Test
        void handsOutNoWiderRange() {
            Grant own = from("10.0.0.0/8", "2001:db8::/32");
            for (String[] wider : new String[][] { { "10.0.0.0/7" }, { "0.0.0.0/0" }, { "11.0.0.1" }, { "::/0" },
                    { "10.0.0.1", "11.0.0.1" } }) {
                assertThatThrownBy(() -> from(wider).requireUseWithin(own)).as("%s", Arrays.toString(wider))
                        .isInstanceOf(ScopeNotGrantable.class)
                        .hasMessageContaining("allowedIps").hasMessageContaining("10.0.0.0/8, 2001:db8::/32");
            }
        }

        @Test
        void thatIsRestrictedHandsOutNothingForAnyAddress() {
            assertThatThrownBy(() -> from().requireUseWithin(from("10.0.0.0/8")))
                    .isInstanceOf(ScopeNotGrantable.class).hasMessageContaining("allowedIps");
        }

        @Test
        void thatIsNotRestrictedHandsOutAnyRange() {
            assertThatCode(() -> from("0.0.0.0/0", "::/0").requireUseWithin(from())).doesNotThrowAnyException();
        }

        private Caller token(Instant expiresAt) {
            return new Caller(UUID.randomUUID(), UUID.randomUUID(), Set.of("license:read"),
                    new Caller.Token(UUID.randomUUID(), new byte[32], Optional.ofNullable(expiresAt)));
        }

        private Grant from(String... ranges) {
            return new Grant(new TreeSet<>(Set.of("license:read")), null, ranges(ranges), Optional.empty());
        }
    }

    @Test
    void isReadFromATokenAndWrittenAsStored() {
        PersonalAccessToken token = new PersonalAccessToken();
        token.scopes = new String[] { "user:read", "license:read" };
        token.expiresAt = NOON;
        token.allowedIps = new String[] { "10.0.0.0/8" };
        Grant grant = Grant.of(token);
        assertThat(grant).isEqualTo(
                new Grant(new TreeSet<>(Set.of("license:read", "user:read")), NOON, List.of(range("10.0.0.0/8")),
                        Optional.empty()));
        assertThat(grant.scopeArray()).containsExactly("license:read", "user:read");
        assertThat(grant.rangeArray()).containsExactly("10.0.0.0/8");
    }

    private static Grant grant(Instant expiresAt, String... scopes) {
        return new Grant(new TreeSet<>(Set.of(scopes)), expiresAt, List.of(), Optional.empty());
    }

    private static AddressRange range(String text) {
        return AddressRange.parse(text).orElseThrow();
    }

    private static List<AddressRange> ranges(String... texts) {
        return Arrays.stream(texts).map(GrantTest::range).toList();
    }
}
