package dev.latchkey.account;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import jakarta.validation.constraints.NotNull;

import org.eclipse.microprofile.openapi.annotations.media.Schema;

import dev.latchkey.platform.ApiException;
import dev.latchkey.platform.Text;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/** What else an account wants to know of a user: keys and values, in the order in which they were given. */
final class Metadata {

    static final int MAX = 50;
    static final String NONE = "[]";

    /** One key and its value. */
    @RegisterForReflection
    @Schema(name = "MetadataEntry")
    record Entry(@Schema(required = true, examples = "department") @NotNull(message = "is missing") @Text(max = 64) String key,
            @Schema(required = true, examples = "research") @NotNull(message = "is missing") @Text(max = 1000, multiline = true, blank = true) String value) {
    }

    private Metadata() {
    }

    /**
     * As stored; null is none.
     *
     * @throws ApiException 400 for a key that comes twice
     */
    static String write(List<Entry> entries) {
        JsonArray array = new JsonArray();
        Set<String> keys = new HashSet<>();
        List<Entry> given = entries == null ? List.of() : entries;
        for (int i = 0; i < given.size(); i++) {
            String key = given.get(i).key().strip();
            if (!keys.add(key)) {
                throw ApiException.invalid("metadata[" + i + "].key", "comes a second time: give each key once");
            }
            array.add(new JsonObject().put("key", key).put("value", given.get(i).value().strip()));
        }
        return array.encode();
    }

    static List<Entry> read(String stored) {
        List<Entry> entries = new ArrayList<>();
        for (Object entry : new JsonArray(stored)) {
            JsonObject object = (JsonObject) entry;
            entries.add(new Entry(object.getString("key"), object.getString("value")));
        }
        return entries;
    }
}
