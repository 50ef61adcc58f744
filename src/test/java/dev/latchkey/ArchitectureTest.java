package dev.latchkey;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.hibernate.reactive.mutiny.Mutiny;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;

import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import io.smallrye.mutiny.Uni;

/** Each package is a room, and who may know whom is decided here. */
class ArchitectureTest {

    private static final String ROOT = "dev.latchkey";

    /** The rooms, each with those that it may know. The program itself, in no room, knows all and is known by none. */
    private static final Map<String, Set<String>> MAY_KNOW = Map.ofEntries(
            entry("platform", Set.of()),
            entry("scope", Set.of("platform")),
            entry("token", Set.of("platform", "scope")),
            entry("verification", Set.of("token", "scope", "platform")),
            entry("client", Set.of("token", "platform")),
            entry("signing", Set.of("platform")),
            entry("database", Set.of("verification", "token", "platform")),
            entry("security", Set.of("verification", "token", "platform")),
            entry("gateway", Set.of("verification", "signing", "token", "scope", "platform")),
            entry("oauth", Set.of("verification", "client", "signing", "token", "scope", "platform")),
            entry("sidecar", Set.of("verification", "client", "signing", "usage", "token", "platform")),
            entry("account", Set.of("platform", "scope", "token", "security", "signing")),
            entry("audit", Set.of("platform", "scope", "token", "account", "webhook")),
            entry("webhook", Set.of("platform", "scope", "token", "account")),
            entry("analytics", Set.of("platform", "scope", "token", "verification")),
            entry("portal", Set.of("platform")),
            entry("usage", Set.of("platform", "verification")),
            entry("command", Set.of("account", "signing", "scope", "platform", "gateway")));

    private static final JavaClasses PRODUCT = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS).importPackages(ROOT);

    static Set<String> rooms() {
        return PRODUCT.stream().map(JavaClass::getPackageName).filter(name -> name.startsWith(ROOT + "."))
                .map(name -> name.substring(ROOT.length() + 1).split("\\.")[0])
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void thereAreTheRoomsThatAreKnownHere() {
        assertThat(rooms()).contains("platform", "scope", "token", "verification", "security", "account")
                .isSubsetOf(MAY_KNOW.keySet());
        assertThat(PRODUCT.contain(ROOT + ".testing.Person")).as("tests are not the product").isFalse();
    }

    @ParameterizedTest
    @MethodSource("rooms")
    void aRoomKnowsOnlyTheRoomsThatItMayKnow(String room) {
        String[] allowed = Stream.concat(Stream.of(room), MAY_KNOW.getOrDefault(room, Set.of()).stream())
                .map(name -> ROOT + "." + name + "..").toArray(String[]::new);
        classes().that().resideInAPackage(ROOT + "." + room + "..")
                .should().onlyDependOnClassesThat(resideOutsideOfPackage(ROOT + "..").or(resideInAnyPackage(allowed)))
                .check(PRODUCT);
    }

    @Test
    void noRoomsKnowEachOtherInACircle() {
        slices().matching(ROOT + ".(*)..").should().beFreeOfCycles().check(PRODUCT);
    }

    @Test
    void verificationKnowsNothingOfHttpOrSql() {
        noClasses().that().resideInAPackage(ROOT + ".verification..").should().dependOnClassesThat()
                .resideInAnyPackage("io.vertx.ext.web..", "io.vertx.core.http..", "jakarta.ws.rs..", "io.quarkus.vertx.http..",
                        "io.vertx.sqlclient..", "io.vertx.mutiny.sqlclient..", "io.vertx.pgclient..", "jakarta.persistence..",
                        "org.hibernate..", "java.sql..", "javax.sql..")
                .check(PRODUCT);
    }

    /**
     * Hibernate Reactive deletes entities of a kind with one coordinator, which keeps the outcome in a field: two deletions at
     * once, on two event loops, take each other's (hibernate-reactive#1713). A statement has its own.
     */
    @Test
    void nobodyDeletesAnEntityButByStatement() {
        noClasses().should().callMethodWhere(DescribedPredicate.describe("deletes an entity", call -> {
            AccessTarget.MethodCallTarget method = call.getTarget();
            return method.getOwner().isAssignableTo(PanacheEntityBase.class) && (method.getName().equals("deleteById")
                    || method.getName().equals("delete") && method.getRawParameterTypes().isEmpty())
                    || method.getOwner().isAssignableTo(Mutiny.Session.class) && method.getName().startsWith("remove");
        })).check(PRODUCT);
    }

    /** A thread that waits may be the event loop, and then everybody waits. At start and at stop there is none to hold up. */
    @Test
    void nobodyWaitsForAUniButAtStartAndAtStop() {
        assertThat(PRODUCT.stream()
                .flatMap(type -> Stream.<JavaAccess<?>> concat(type.getMethodCallsFromSelf().stream(),
                        type.getMethodReferencesFromSelf().stream()))
                .filter(access -> access.getTargetOwner().isAssignableTo(Uni.class) && access.getName().equals("await"))
                .map(access -> access.getOwner().getFullName()))
                .containsExactlyInAnyOrder(
                        "dev.latchkey.security.SessionTokens.load(io.quarkus.runtime.StartupEvent)",
                        "dev.latchkey.signing.SigningKeys.load(io.quarkus.runtime.StartupEvent)",
                        "dev.latchkey.usage.UsageRecorder.stop(io.quarkus.runtime.ShutdownEvent)",
                        "dev.latchkey.webhook.Deliveries.stop(io.quarkus.runtime.ShutdownEvent)");
    }
}
