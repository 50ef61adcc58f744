package dev.latchkey.platform.http;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.validation.ConstraintViolation;
import jakarta.validation.ConstraintViolationException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;

import dev.latchkey.platform.ApiException;
import dev.latchkey.platform.ScopeNotGrantable;
import dev.latchkey.platform.database.DatabaseFailure;

/** The one place where a failure becomes HTTP; those of authentication are in {@code security.ChallengeMapper}. */
@ApplicationScoped
public class ErrorMapper {

    private static final Logger LOG = Logger.getLogger(ErrorMapper.class);

    @ServerExceptionMapper
    public Response map(ApiException e) {
        Response.ResponseBuilder response = Response.status(e.status()).type(MediaType.APPLICATION_JSON_TYPE)
                .entity(ErrorBody.of(e));
        e.retryAfterSeconds().ifPresent(seconds -> response.header(HttpHeaders.RETRY_AFTER, seconds));
        if (e.status() == 401) {
            response.header(HttpHeaders.WWW_AUTHENTICATE, Challenge.PLAIN);
        } else if (e.status() == 403) {
            response.header(HttpHeaders.WWW_AUTHENTICATE,
                    e instanceof ScopeNotGrantable ? Challenge.of("insufficient_scope", "the caller holds less")
                            : Challenge.PLAIN);
        }
        return response.build();
    }

    @ServerExceptionMapper
    public Response map(ConstraintViolationException e) {
        return map(ApiException.invalid(e.getConstraintViolations().stream()
                .map(violation -> new ApiException.FieldError(field(violation), violation.getMessage()))
                .sorted((a, b) -> a.field().compareTo(b.field()))
                .toList()));
    }

    @ServerExceptionMapper
    public Response map(JacksonException e) {
        if (e instanceof JsonMappingException mapping && mapping.getPath().isEmpty() && e instanceof MismatchedInputException) {
            boolean isList = ((MismatchedInputException) e).getTargetType() != null
                    && Collection.class.isAssignableFrom(((MismatchedInputException) e).getTargetType());
            return map(new ApiException(400, "MALFORMED_JSON", "the body must be a JSON " + (isList ? "array" : "object")));
        }
        if (e instanceof JsonMappingException mapping && !mapping.getPath().isEmpty()) {
            return map(ApiException.invalid(path(mapping.getPath()), remedy(mapping)));
        }
        return map(new ApiException(400, "MALFORMED_JSON", "the body is not valid JSON" + (e.getLocation() == null ? ""
                : " (line " + e.getLocation().getLineNr() + ", column " + e.getLocation().getColumnNr() + ")")));
    }

    /** More specific than the framework's own mapper for this type. */
    @ServerExceptionMapper
    public Response map(MismatchedInputException e) {
        return map((JacksonException) e);
    }

    @ServerExceptionMapper
    public Response map(WebApplicationException e) {
        if (e.getCause() instanceof JacksonException json) {
            return map(json);
        }
        if (e.getCause() instanceof ApiException known) {
            return map(known);
        }
        int status = e.getResponse().getStatus();
        return map(StandardErrors.of(status));
    }

    @ServerExceptionMapper
    public Response map(Throwable e) {
        Throwable cause = e instanceof CompletionException && e.getCause() != null ? e.getCause() : e;
        if (cause instanceof ApiException known) {
            return map(known);
        }
        if (DatabaseFailure.isUnavailable(cause)) {
            LOG.warnf("The database does not answer: %s", cause.toString());
            return map(ApiException.unavailable("the database does not answer at the moment: try again"));
        }
        if (cause instanceof IOException) {
            // Reading the body: the client went away, or sent more than is allowed without saying so beforehand.
            LOG.debugf("The body of a request could not be read: %s", cause.getMessage());
            return map(StandardErrors.of("Request too large".equals(cause.getMessage()) ? 413 : 400));
        }
        LOG.error("A request failed", cause);
        return map(StandardErrors.of(500));
    }

    /** Without the method and parameter that precede it: the field as the client knows it. */
    private static String field(ConstraintViolation<?> violation) {
        String field = StreamSupport.stream(violation.getPropertyPath().spliterator(), false)
                .map(node -> switch (node.getKind()) {
                    case PROPERTY, CONTAINER_ELEMENT -> node.toString();
                    // Of a body that is an array: its element.
                    case PARAMETER -> node.toString().replaceFirst("^[^\\[]*", "");
                    default -> "";
                })
                .filter(name -> !name.isEmpty())
                .filter(name -> !name.contains("<"))
                .collect(Collectors.joining("."));
        return field.isEmpty() ? "body" : field;
    }

    private static String path(List<JsonMappingException.Reference> path) {
        StringBuilder field = new StringBuilder();
        for (JsonMappingException.Reference reference : path) {
            if (reference.getFieldName() == null) {
                field.append('[').append(reference.getIndex()).append(']');
            } else {
                field.append(field.isEmpty() ? "" : ".").append(reference.getFieldName());
            }
        }
        return field.toString();
    }

    private static String remedy(JsonMappingException e) {
        if (e instanceof UnrecognizedPropertyException) {
            return "is not a field of this resource: remove it, or correct its spelling";
        }
        if (e instanceof InvalidFormatException format && format.getTargetType() == java.time.Instant.class) {
            return Json.TIMESTAMP_FORM;
        }
        if (e instanceof MismatchedInputException mismatch && mismatch.getTargetType() != null) {
            return "must be " + Json.nameOf(mismatch.getTargetType());
        }
        return "has the wrong type";
    }
}
