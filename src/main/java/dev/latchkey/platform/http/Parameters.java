package dev.latchkey.platform.http;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.UriInfo;

import dev.latchkey.platform.ApiException;
import dev.latchkey.platform.Ids;

/** The parameters of a request that is no list. As strict as a {@link Listing}: each is known, and given once. */
public final class Parameters {

    private final MultivaluedMap<String, String> given;

    private Parameters(MultivaluedMap<String, String> given) {
        this.given = given;
    }

    /**
     * Those of a request.
     *
     * @throws ApiException 400 for one that is not among the known, or comes twice
     */
    public static Parameters of(UriInfo uri, Set<String> known) {
        MultivaluedMap<String, String> given = uri.getQueryParameters();
        given.forEach((name, values) -> {
            if (!known.contains(name)) {
                throw ApiException.invalid(name, "is not a parameter of this resource; allowed: "
                        + (known.isEmpty() ? "none" : String.join(", ", new TreeSet<>(known))));
            }
            if (values.size() > 1) {
                throw ApiException.invalid(name, "is given more than once: give it once");
            }
        });
        return new Parameters(given);
    }

    public Optional<String> text(String name) {
        return Optional.ofNullable(given.getFirst(name));
    }

    /** @throws ApiException 400 if it is no time */
    public Optional<Instant> time(String name) {
        return text(name).map(value -> Json.timestamp(name, value));
    }

    /** @throws ApiException 400 if it is no UUID */
    public Optional<UUID> id(String name) {
        return text(name).map(value -> Ids.parse(value).orElseThrow(() -> ApiException.invalid(name, "must be a UUID")));
    }

    /** @throws ApiException 400 if it is no whole number from 1 to the greatest */
    public Optional<Integer> number(String name, int max) {
        return text(name).map(value -> Listing.number(name, value, max));
    }

    /** @throws ApiException 400 if it is none of these */
    public Optional<String> choice(String name, List<String> allowed) {
        return text(name).map(value -> {
            if (!allowed.contains(value)) {
                throw ApiException.invalid(name, "is not known; allowed: " + String.join(", ", allowed));
            }
            return value;
        });
    }
}
