package dev.latchkey.platform;

/**
 * One field that changed.
 *
 * @param oldValue what it was; null if it was not set
 * @param newValue what it is; null if it is not set
 */
public record Change(String field, Object oldValue, Object newValue) {
}
