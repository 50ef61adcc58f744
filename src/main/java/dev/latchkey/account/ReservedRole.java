package dev.latchkey.account;

import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;

import dev.latchkey.scope.ScopeCatalogue;

/** The roles that every account has. Their scopes follow the catalogue, the operator's own scopes included. */
enum ReservedRole {
    SUPER_ADMIN("super-admin", "Everything", name -> true),
    ADMIN("admin", "Everything but changing the account and its roles",
            name -> !name.equals(ScopeCatalogue.ACCOUNT_WRITE) && !name.equals(ScopeCatalogue.ROLE_WRITE)),
    USER("user", "Reading everything, and managing their own tokens",
            name -> name.equals(ScopeCatalogue.PERSONAL_ACCESS_TOKEN_WRITE) || name.endsWith(":read"));

    private final String roleName;
    private final String description;
    private final Predicate<String> has;

    ReservedRole(String roleName, String description, Predicate<String> has) {
        this.roleName = roleName;
        this.description = description;
        this.has = has;
    }

    String roleName() {
        return roleName;
    }

    String description() {
        return description;
    }

    SortedSet<String> scopes(ScopeCatalogue catalogue) {
        SortedSet<String> scopes = new TreeSet<>(catalogue.names());
        scopes.removeIf(has.negate());
        return scopes;
    }
}
