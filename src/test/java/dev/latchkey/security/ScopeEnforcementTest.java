package dev.latchkey.security;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import dev.latchkey.testing.Person;
import dev.latchkey.testing.Person.Token;
import dev.latchkey.testing.RunningService;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;

/** Every scope opens exactly what it names, and nothing else. */
@QuarkusTest
@QuarkusTestResource(RunningService.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ScopeEnforcementTest {

    private Person person;

    static List<String> scopes() {
        return RunningService.allScopes();
    }

    @BeforeAll
    void makePerson() {
        person = Person.superAdmin();
    }

    @Test
    void thereIsAGuardedResourceForEachOfThe29ScopesAndTheOperatorsOwn() {
        assertThat(GuardedByEachScope.scopes()).isEqualTo(scopes()).hasSize(30);
    }

    @ParameterizedTest
    @MethodSource("scopes")
    void aTokenOpensWhatItsScopeNamesAndNothingElse(String scope) {
        Token token = person.token(scope);
        List<String> opened = new ArrayList<>();
        for (String other : scopes()) {
            int status = token.asks().get(path(other)).statusCode();
            if (status == 200) {
                opened.add(other);
            } else {
                token.asks().get(path(other)).then().statusCode(403)
                        .body("code", equalTo("INSUFFICIENT_SCOPE")).body("message", containsString(other))
                        .header("WWW-Authenticate", containsString("error=\"insufficient_scope\""))
                        .header("WWW-Authenticate", containsString("scope=\"" + other + "\""));
            }
        }
        assertThat(opened).containsExactly(scope);
    }

    @Test
    void withoutACredentialNothingOpens() {
        for (String scope : scopes()) {
            given().get(path(scope)).then().statusCode(401);
        }
    }

    @Test
    void aResourceThatForgotToSayWhoMayCallItIsClosed() {
        Token token = person.token(scopes().toArray(String[]::new));
        token.asks().get("/unannotated").then().statusCode(403);
    }

    private static String path(String scope) {
        return "/guarded/" + scope.replace(':', '/');
    }
}
