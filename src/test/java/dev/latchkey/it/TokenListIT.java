package dev.latchkey.it;

import static dev.latchkey.testing.Person.TOKENS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.latchkey.testing.Person;
import dev.latchkey.testing.Person.Token;
import dev.latchkey.testing.RunningService;
import io.restassured.response.Response;

@ServiceTest
class TokenListIT {

    private final Person person = Person.superAdmin();

    /** Tokens with names token-000001 and so on, one a second, every tenth without an expiry, written straight to the table. */
    private void insertTokens(int count) {
        RunningService.database().execute(
                """
                        INSERT INTO personal_access_token (id, account_id, owner_id, name, digest, hint, scopes, expires_at, created_at, updated_at)
                        SELECT gen_random_uuid(), ?, ?, 'token-' || lpad(i::text, 6, '0'), sha256((? || i)::bytea), 'lkp_hint…',
                               ARRAY['license:read'], CASE WHEN i % 10 = 0 THEN NULL ELSE now() + i * interval '1 hour' END,
                               now() - i * interval '1 second', now() - i * interval '1 second'
                        FROM generate_series(1, ?) i
                        """,
                person.accountId, person.id, person.alias, count);
    }

    @Test
    void aPageSaysWhereItIsAndWhatIsAround() {
        insertTokens(45);
        Response page = person.asks().queryParam("page", 2).queryParam("limit", 20).get(TOKENS);
        page.then().statusCode(200).body("size()", equalTo(20)).body("[0].name", equalTo("token-000021"))
                .header("Pagination-Count", "45").header("Pagination-Page", "2").header("Pagination-Limit", "20");
        Map<String, String> links = links(page);
        assertThat(links.keySet()).containsExactlyInAnyOrder("first", "prev", "next", "last");
        assertThat(links.get("first")).contains("page=1").contains("limit=20");
        assertThat(links.get("last")).contains("page=3");
        assertThat(links.get("next")).contains("cursor=");
        follow(links.get("next")).then().body("size()", equalTo(5)).body("[0].name", equalTo("token-000041"))
                .header("Pagination-Page", nullValue()).header("Pagination-Count", "45");
        follow(links.get("prev")).then().body("size()", equalTo(20)).body("[0].name", equalTo("token-000001"));
        follow(links.get("last")).then().body("size()", equalTo(5));
        assertThat(links(follow(links.get("last")))).doesNotContainKey("next");
    }

    @ParameterizedTest
    @ValueSource(strings = { "createdAt", "-createdAt", "updatedAt", "name", "-name", "expiresAt", "-expiresAt", "lastUsedAt",
            "-lastUsedAt" })
    void cursorsVisitEveryRowOnceInOrderAndBack(String sort) {
        insertTokens(37);
        RunningService.database().execute("UPDATE token_usage u SET last_used_at = now() - i * interval '7 hours' FROM ("
                + "SELECT id, row_number() OVER (ORDER BY id) AS i FROM personal_access_token WHERE account_id = ?) AS t "
                + "WHERE u.token_id = t.id AND i % 3 > 0", person.accountId);
        List<String> expected = person.asks().queryParam("limit", 100).queryParam("sort", sort).get(TOKENS).path("id");
        assertThat(expected).hasSize(37);
        List<String> forward = new ArrayList<>();
        Response page = person.asks().queryParam("limit", 10).queryParam("sort", sort).get(TOKENS);
        Response last;
        do {
            forward.addAll(page.path("id"));
            last = page;
            String next = links(page).get("next");
            page = next == null ? null : follow(next);
        } while (page != null);
        assertThat(forward).isEqualTo(expected);

        List<String> backward = new ArrayList<>(last.<List<String>> path("id"));
        for (String previous = links(last).get("prev"); previous != null; previous = links(last).get("prev")) {
            last = follow(previous);
            backward.addAll(0, last.path("id"));
        }
        assertThat(backward).isEqualTo(expected);
    }

    @Test
    void aSortByExpiryPutsThoseThatNeverExpireLast() {
        insertTokens(20);
        List<String> expiries = person.asks().queryParam("sort", "expiresAt").queryParam("limit", 20).get(TOKENS)
                .path("expiresAt");
        assertThat(expiries.subList(0, 18)).doesNotContainNull().isSorted();
        assertThat(expiries.subList(18, 20)).containsOnlyNulls();
    }

    @Test
    void aSortByTheLastUsePutsThoseThatWereNeverUsedFirst() {
        insertTokens(3);
        List<String> ids = person.asks().queryParam("sort", "name").get(TOKENS).path("id");
        used(ids.get(0), "1 hour", "192.0.2.1");
        used(ids.get(1), "2 hours", "192.0.2.1");
        assertThat(ids("sort=lastUsedAt")).containsExactly(ids.get(2), ids.get(1), ids.get(0));
        assertThat(ids("sort=-lastUsedAt")).containsExactly(ids.get(0), ids.get(1), ids.get(2));
    }

    private static void used(String token, String ago, String address) {
        RunningService.database().execute("UPDATE token_usage SET last_used_at = now() - cast(? AS interval), last_used_ip = ? "
                + "WHERE token_id = ?::uuid", ago, address, token);
    }

    @Test
    void beyondTenThousandTheCountIsLeftOutAndTheCursorGoesOn() {
        insertTokens(10_050);
        Response page = person.asks().queryParam("page", 100).queryParam("limit", 100).get(TOKENS);
        page.then().statusCode(200).header("Pagination-Count", nullValue()).body("[99].name", equalTo("token-010000"));
        assertThat(links(page)).doesNotContainKey("last");
        Response beyond = follow(links(page).get("next"));
        beyond.then().statusCode(200).body("size()", equalTo(50)).body("[49].name", equalTo("token-010050"));
        assertThat(links(beyond)).doesNotContainKey("next");
    }

    @Test
    void rowsThatComeAndGoWhileOnePagesAreNeitherRepeatedNorMissed() {
        insertTokens(30);
        Response page = person.asks().queryParam("limit", 10).get(TOKENS);
        Set<String> seen = new HashSet<>(page.<List<String>> path("id"));
        person.token("license:read");
        person.asks().delete(TOKENS + "/" + page.path("[0].id"));
        for (String next = links(page).get("next"); next != null; next = links(page).get("next")) {
            page = follow(next);
            for (String id : page.<List<String>> path("id")) {
                assertThat(seen.add(id)).as("seen once").isTrue();
            }
        }
        assertThat(seen).hasSize(30);
    }

    @Test
    void filtersNarrowTheList() {
        Token active = person.token(Map.of("name", "Release pipeline", "tags", List.of("ci", "prod")), "release:write");
        Token revoked = person.token(Map.of("name", "Old laptop", "description", "of the release team"), "license:read");
        Token expired = person.token(Map.of("name", "Trial"), "license:read", "product:read");
        person.asks().body(Map.of("revoked", true)).patch(revoked.path());
        RunningService.database().execute(
                "UPDATE personal_access_token SET expires_at = now() - interval '1 day' WHERE id = ?::uuid",
                expired.id());
        used(active.id(), "100 days", "192.0.2.1");
        used(revoked.id(), "0 days", "192.0.2.1");

        assertThat(ids("status=active")).containsExactly(active.id());
        assertThat(ids("status=revoked")).containsExactly(revoked.id());
        assertThat(ids("status=expired")).containsExactly(expired.id());
        assertThat(ids("status=active,expired")).containsExactlyInAnyOrder(active.id(), expired.id());
        assertThat(ids("status%5Bin%5D=active,revoked")).containsExactlyInAnyOrder(active.id(), revoked.id());
        assertThat(ids("scope=license:read")).containsExactlyInAnyOrder(revoked.id(), expired.id());
        assertThat(ids("scope=product:read,release:write")).containsExactlyInAnyOrder(active.id(), expired.id());
        assertThat(ids("tag=prod")).containsExactly(active.id());
        assertThat(ids("name=Trial")).containsExactly(expired.id());
        assertThat(ids("query=rele")).containsExactlyInAnyOrder(active.id(), revoked.id());
        assertThat(ids("query=release%20pipe")).containsExactly(active.id());
        assertThat(ids("query=" + active.secret().substring(0, 8))).containsExactly(active.id());
        assertThat(ids("query=%27%3A%2A%26%7C%21%28")).isEmpty();
        assertThat(ids("userId=" + person.id)).hasSize(3);
        assertThat(ids("userId=" + Person.superAdmin().id)).isEmpty();
        assertThat(ids("expiresAt%5Blt%5D=2999-01-01T00:00:00Z")).containsExactly(expired.id());
        assertThat(ids("createdAt%5Bgt%5D=2999-01-01T00:00:00Z")).isEmpty();
        assertThat(ids("createdAt%5Bgte%5D=2020-01-01T00:00:00Z&createdAt%5Blte%5D=2999-01-01T00:00:00Z")).hasSize(3);
        String ninetyDaysAgo = java.time.Instant.now().minus(90, java.time.temporal.ChronoUnit.DAYS).toString();
        assertThat(ids("lastUsedAt%5Blt%5D=" + ninetyDaysAgo)).as("never used counts as unused")
                .containsExactlyInAnyOrder(active.id(), expired.id());
        assertThat(ids("unusedSince=" + ninetyDaysAgo)).as("made since then, whether used or not").isEmpty();
        RunningService.database().execute("UPDATE personal_access_token SET created_at = now() - interval '91 days' "
                + "WHERE account_id = ?", person.accountId);
        assertThat(ids("unusedSince=" + ninetyDaysAgo)).containsExactlyInAnyOrder(active.id(), expired.id());
        person.asks().get(active.path()).then().body("lastUsedIp", equalTo("192.0.2.1"));
    }

    @Test
    void expiringAreThoseThatEndWithinSevenDaysAndHaveNotEnded() {
        Map<String, String> lives = Map.of("gone", "-1 minute", "soon", "6 days 23 hours", "later", "7 days 1 hour");
        lives.forEach((name, life) -> RunningService.database().execute(
                "UPDATE personal_access_token SET expires_at = now() + cast(? AS interval) WHERE id = ?::uuid", life,
                person.token(Map.of("name", name), "license:read").id()));
        person.token(Map.of("name", "for ever"), "license:read");
        assertThat(names("status=expiring")).containsExactly("soon");
        assertThat(names("status=expired,expiring")).containsExactlyInAnyOrder("gone", "soon");
        assertThat(names("status=active")).containsExactlyInAnyOrder("soon", "later", "for ever");
    }

    private List<String> names(String query) {
        return person.asks().get(TOKENS + "?" + query).path("name");
    }

    private List<String> ids(String query) {
        Response response = person.asks().urlEncodingEnabled(false).get(TOKENS + "?" + query);
        response.then().statusCode(200);
        return response.path("id");
    }

    private Response follow(String link) {
        Response response = person.asks().urlEncodingEnabled(false).get(link);
        response.then().statusCode(200);
        return response;
    }

    private static Map<String, String> links(Response response) {
        Map<String, String> links = new java.util.HashMap<>();
        Matcher matcher = Pattern.compile("<([^>]+)>; rel=\"(\\w+)\"").matcher(response.header("Link"));
        while (matcher.find()) {
            links.put(matcher.group(2), matcher.group(1));
        }
        return links;
    }
}
