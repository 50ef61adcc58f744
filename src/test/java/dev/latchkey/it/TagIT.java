package dev.latchkey.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import dev.latchkey.testing.Person;
import dev.latchkey.testing.RunningService;
import io.restassured.response.Response;

/** Tags are names that tokens and users carry. */
@ServiceTest
class TagIT {

    private static final String TAGS = "/v3/tags";

    private final Person person = Person.superAdmin();

    private Response create(String name) {
        return person.asks().body(Map.of("name", name, "description", "What it means.")).post(TAGS);
    }

    @Test
    void aTagIsMadeSeenAndDeleted() {
        Response made = create(" production ");
        made.then().statusCode(201).header("Location", endsWith(TAGS + "/" + made.path("id")))
                .body("name", equalTo("production"))
                .body("description", equalTo("What it means.")).body("size()", equalTo(5));
        person.asks().get(TAGS + "/" + made.path("id")).then().body("", equalTo(made.path("")));
        create("production").then().statusCode(409).body("code", equalTo("TAG_NAME_TAKEN"));
        person.asks().delete(TAGS + "/" + made.path("id")).then().statusCode(204);
        person.asks().get(TAGS + "/" + made.path("id")).then().statusCode(404);
    }

    @Test
    void whatATokenCarriesIsATagAndFollowsItsName() {
        Person.Token token = person.token(Map.of("tags", List.of("ci", "nightly")), "license:read");
        person.asks().body(Map.of("tags", List.of("ci"))).patch("/v3/users/" + person.id).then().statusCode(200);
        Response tags = person.asks().get(TAGS + "?sort=name");
        assertThat(tags.<List<String>> path("name")).containsExactly("ci", "nightly");
        String ci = tags.path("[0].id");
        person.asks().body(Map.of("name", "nightly")).patch(TAGS + "/" + ci).then().statusCode(409);
        person.asks().body(Map.of("name", "pipeline")).patch(TAGS + "/" + ci).then().statusCode(200).body("name",
                equalTo("pipeline"));
        person.asks().get(token.path()).then().body("tags", equalTo(List.of("pipeline", "nightly")));
        person.asks().get("/v3/users/" + person.id).then().body("tags", equalTo(List.of("pipeline")));
        assertThat(person.asks().get("/v3/personal-access-tokens?tag=pipeline").<List<String>> path("id"))
                .containsExactly(token.id());
        person.asks().delete(TAGS + "/" + ci).then().statusCode(204);
        person.asks().get(token.path()).then().body("tags", equalTo(List.of("nightly")));
        person.asks().get("/v3/users/" + person.id).then().body("tags", equalTo(List.of()));
        assertThat(token.status()).isEqualTo(200);
    }

    @Test
    void otherAccountsAreLeftAlone() {
        Person other = Person.superAdmin();
        Person.Token theirs = other.token(Map.of("tags", List.of("shared")), "license:read");
        String ours = create("shared").path("id");
        other.asks().get(TAGS + "/" + ours).then().statusCode(404);
        other.asks().delete(TAGS + "/" + ours).then().statusCode(404);
        person.asks().delete(TAGS + "/" + ours).then().statusCode(204);
        other.asks().get(theirs.path()).then().body("tags", equalTo(List.of("shared")));
    }

    @Test
    void anAccountHasAThousand() {
        RunningService.database()
                .execute("INSERT INTO tag (id, account_id, name, created_at, updated_at) SELECT gen_random_uuid(), ?, "
                        + "'tag ' || i, now(), now() FROM generate_series(1, 999) i", person.accountId);
        create("the last").then().statusCode(201);
        create("one more").then().statusCode(409).body("code", equalTo("TOO_MANY_TAGS"));
        person.asks().body(Map.of("name", "tagged", "scopes", List.of("tag:read"), "tags", List.of("one more")))
                .post("/v3/personal-access-tokens").then().statusCode(409);
        person.token(Map.of("tags", List.of("the last")), "tag:read");
    }

    @ParameterizedTest
    @CsvSource({ "name,''", "name,", "description,\u0007", "colour,red" })
    void eachFieldIsChecked(String field, String value) {
        Map<String, String> body = new HashMap<>(Map.of("name", "good"));
        body.put(field, field.equals("description") ? "\u0007" : value);
        person.asks().body(body).post(TAGS).then().statusCode(400).body("errors[0].field", containsString(field));
    }

    @Test
    void eachNeedsItsScope() {
        String id = create("guarded").path("id");
        person.token("tag:write").asks().get(TAGS).then().statusCode(403);
        person.token("tag:write").asks().get(TAGS + "/" + id).then().statusCode(403);
        person.token("tag:read").asks().get(TAGS).then().statusCode(200);
        person.token("tag:read").asks().delete(TAGS + "/" + id).then().statusCode(403);
        person.token("tag:read").asks().body(Map.of("name", "x")).post(TAGS).then().statusCode(403);
        person.token("tag:write").asks().body(Map.of("name", "x")).post(TAGS).then().statusCode(201);
    }
}
