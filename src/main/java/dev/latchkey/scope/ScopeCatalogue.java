package dev.latchkey.scope;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

import dev.latchkey.platform.ApiException;
import dev.latchkey.platform.LatchkeyConfig;
import dev.latchkey.platform.StartupException;

/** All scopes that exist: the built-in ones and those that the operator adds. Immutable. */
public final class ScopeCatalogue {

    public static final String ACCOUNT_READ = "account:read";
    public static final String ACCOUNT_WRITE = "account:write";
    public static final String ANALYTICS_READ = "analytics:read";
    public static final String EVENT_LOG_READ = "eventLog:read";
    public static final String PERSONAL_ACCESS_TOKEN_WRITE = "personalAccessToken:write";
    public static final String ROLE_READ = "role:read";
    public static final String ROLE_WRITE = "role:write";
    public static final String TAG_READ = "tag:read";
    public static final String TAG_WRITE = "tag:write";
    public static final String USER_READ = "user:read";
    public static final String USER_WRITE = "user:write";
    public static final String WEBHOOK_READ = "webhook:read";
    public static final String WEBHOOK_WRITE = "webhook:write";

    /** The published documentation of the licensing API misspells this one; clients send both. */
    private static final String MISSPELT = "licenseTemaplate:write";
    private static final String MISSPELT_MEANS = "licenseTemplate:write";
    /** How many unknown names an error lists. */
    private static final int MOST_NAMED = 20;

    private final Map<String, Scope> scopes = new TreeMap<>();

    /**
     * Builds the catalogue.
     *
     * @throws StartupException if a configured scope has a bad name, no description, or the name of an existing one
     */
    public ScopeCatalogue(Map<String, LatchkeyConfig.Scope> configured) {
        BuiltInScopes.ALL.forEach(scope -> scopes.put(scope.name(), scope));
        configured.forEach((name, scope) -> {
            String key = "latchkey.scopes.\"" + name + "\"";
            if (!Scope.isValidName(name)) {
                throw new StartupException(
                        key + ": the name is not allowed; allowed: resource:action, parts of letters and digits "
                                + "that begin with a lower-case letter, such as deployment:write");
            }
            if (scope.description().isBlank()) {
                throw new StartupException(key + ".description is empty; say what the scope permits");
            }
            if (MISSPELT.equals(name) || scopes.containsKey(name)) {
                throw new StartupException(key + ": a built-in scope has this name; choose another");
            }
            scopes.put(name, new Scope(name, scope.description()));
        });
    }

    /** All scopes, by name. */
    public Collection<Scope> all() {
        return scopes.values();
    }

    /** The scope of that name, the accepted misspelling included. */
    public Optional<Scope> find(String name) {
        return Optional.ofNullable(scopes.get(canonical(name)));
    }

    /** The one spelling that is stored and answered. */
    public static String canonical(String name) {
        return MISSPELT.equals(name) ? MISSPELT_MEANS : name;
    }

    /** The names among these that no scope has. */
    public List<String> unknown(Collection<String> names) {
        List<String> unknown = new ArrayList<>();
        for (String name : names) {
            if (find(name).isEmpty()) {
                unknown.add(name);
            }
        }
        return unknown;
    }

    /**
     * The scopes of these names, in canonical spelling.
     *
     * @param field that has them, for the error
     * @throws ApiException 400 listing the unknown ones
     */
    public SortedSet<String> parse(String field, Collection<String> names) {
        List<String> unknown = unknown(new LinkedHashSet<>(names));
        if (!unknown.isEmpty()) {
            throw ApiException.invalid(field, "not in the catalogue (GET /v3/scopes): "
                    + unknown.stream().limit(MOST_NAMED).map(ScopeCatalogue::quoted).collect(Collectors.joining(", "))
                    + (unknown.size() > MOST_NAMED ? " and " + (unknown.size() - MOST_NAMED) + " more" : ""));
        }
        return names.stream().map(ScopeCatalogue::canonical).collect(Collectors.toCollection(TreeSet::new));
    }

    private static String quoted(String name) {
        return "'" + (name.length() > 100 ? name.substring(0, 100) + "…" : name) + "'";
    }

    /** All names. */
    public SortedSet<String> names() {
        return new TreeSet<>(scopes.keySet());
    }
}
