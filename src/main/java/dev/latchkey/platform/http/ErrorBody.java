package dev.latchkey.platform.http;

import java.util.List;

import org.eclipse.microprofile.openapi.annotations.media.Schema;

import com.fasterxml.jackson.annotation.JsonInclude;

import dev.latchkey.platform.ApiException;
import io.quarkus.runtime.annotations.RegisterForReflection;

/** The body of every answer that is not a success. */
@RegisterForReflection
@Schema(name = "Error", description = "The body of every answer that is not a success")
public record ErrorBody(
        @Schema(description = "For a person; names the field and the remedy", examples = "name: is missing") String message,
        @Schema(description = "For a program", examples = "VALIDATION_FAILED") String code,
        @Schema(description = "Only for 400 VALIDATION_FAILED") @JsonInclude(JsonInclude.Include.NON_EMPTY) List<ApiException.FieldError> errors) {

    public static ErrorBody of(ApiException e) {
        return new ErrorBody(e.getMessage(), e.code(), e.errors());
    }
}
