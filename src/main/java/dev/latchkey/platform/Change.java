package dev.latchkey.platform;

import java.util.List;
import java.util.Objects;

/**
 * One field that changed.
 *
 * @param oldValue what it was; null if it was not set
 * @param newValue what it is; null if it is not set
 */
public record Change(String field, Object oldValue, Object newValue) {

    /** Adds what became of a field, if it changed. */
    public static void note(List<Change> changes, String field, Object before, Object after) {
        if (!Objects.equals(before, after)) {
            changes.add(new Change(field, before, after));
        }
    }
}
