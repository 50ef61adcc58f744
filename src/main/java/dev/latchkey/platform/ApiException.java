package dev.latchkey.platform;

import java.util.List;
import java.util.OptionalLong;

import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * An answer that is not a success, as a value: turned into HTTP in {@code platform.http.ErrorMapper} alone. Has no
 * stack trace: it is nobody's defect.
 */
public class ApiException extends RuntimeException {

    private final int status;
    private final String code;
    private final transient List<FieldError> errors;
    private final long retryAfterSeconds;

    /**
     * What is wrong with one field.
     *
     * @param message names the remedy
     */
    @RegisterForReflection
    public record FieldError(String field, String message) {
    }

    /**
     * @param status HTTP status
     * @param code for programs, UPPER_SNAKE_CASE
     * @param message for a person; names the remedy
     */
    public ApiException(int status, String code, String message) {
        this(status, code, message, List.of(), -1);
    }

    protected ApiException(int status, String code, String message, List<FieldError> errors, long retryAfterSeconds) {
        super(message, null, false, false);
        this.status = status;
        this.code = code;
        this.errors = List.copyOf(errors);
        this.retryAfterSeconds = retryAfterSeconds;
    }

    /** 400 for one field of the body or one parameter. */
    public static ApiException invalid(String field, String message) {
        return invalid(List.of(new FieldError(field, message)));
    }

    /** 400 for one or more fields. */
    public static ApiException invalid(List<FieldError> errors) {
        FieldError first = errors.get(0);
        String more = errors.size() == 1 ? "" : " (and " + (errors.size() - 1) + " more)";
        return new ApiException(400, "VALIDATION_FAILED", first.field() + ": " + first.message() + more, errors, -1);
    }

    /** 404: the same whether the thing never was, was deleted, or belongs to another account. */
    public static ApiException notFound() {
        return new ApiException(404, "NOT_FOUND", "there is nothing here: check the path and the id");
    }

    /** 503: cannot be answered now, may be tried again. */
    public static ApiException unavailable(String message) {
        return new ApiException(503, "UNAVAILABLE", message, List.of(), 1);
    }

    /** 429. */
    public static ApiException tooManyRequests(String message, long retryAfterSeconds) {
        return new ApiException(429, "TOO_MANY_REQUESTS", message, List.of(), Math.max(1, retryAfterSeconds));
    }

    public int status() {
        return status;
    }

    public String code() {
        return code;
    }

    public List<FieldError> errors() {
        return errors;
    }

    /** When to try again, in seconds, if that is known. */
    public OptionalLong retryAfterSeconds() {
        return retryAfterSeconds < 0 ? OptionalLong.empty() : OptionalLong.of(retryAfterSeconds);
    }
}
