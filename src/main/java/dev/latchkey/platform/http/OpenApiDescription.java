package dev.latchkey.platform.http;

import java.util.List;
import java.util.Map;

import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.OASFilter;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.PathItem;
import org.eclipse.microprofile.openapi.models.headers.Header;
import org.eclipse.microprofile.openapi.models.media.Content;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.media.Schema.SchemaType;
import org.eclipse.microprofile.openapi.models.parameters.Parameter;
import org.eclipse.microprofile.openapi.models.responses.APIResponse;
import org.eclipse.microprofile.openapi.models.security.SecurityScheme;

import io.quarkus.smallrye.openapi.OpenApiFilter;

/**
 * Adds to the OpenAPI document what is the same for every operation: credentials, errors, the request id. And to each
 * list, which is known by its parameter sort, its pages.
 */
@OpenApiFilter(stages = OpenApiFilter.RunStage.BUILD)
public class OpenApiDescription implements OASFilter {

    private static final String TOKEN = "personalAccessToken";
    private static final String SESSION = "session";
    private static final String CLIENT = "introspectionClient";
    private static final String COOKIE = "sessionCookie";

    /** Errors by their name in {@code components.responses}. */
    private static final Map<String, Error> ERRORS = Map.ofEntries(
            Map.entry("BadRequest", new Error(400, "VALIDATION_FAILED", "name: is missing: give the token a name",
                    "A field or parameter is wrong; errors names each with the remedy")),
            Map.entry("Unauthenticated", new Error(401, "INVALID_TOKEN",
                    "the credential is not valid: check that it was sent whole, once, as Bearer",
                    "No credential, or one that is refused; WWW-Authenticate has the challenge of RFC 6750")),
            Map.entry("Forbidden", new Error(403, "INSUFFICIENT_SCOPE",
                    "this needs the scope license:read: use a token that has it",
                    "The credential lacks the scope, which WWW-Authenticate names, or hands out more than it holds")),
            Map.entry("NotFound", new Error(404, "NOT_FOUND", "there is nothing here: check the path and the id",
                    "There is no such thing, or it is of another account")),
            Map.entry("Conflict", new Error(409, "TOKEN_REVOKED", "revocation is irreversible: create another token",
                    "The state of the thing does not allow this")),
            Map.entry("BodyTooLarge",
                    new Error(413, "BODY_TOO_LARGE",
                            "the body is larger than 64 KiB, or than 1 MiB where lists are taken: send less",
                            "The body is larger than 64 KiB, or than 1 MiB where lists are taken")),
            Map.entry("UnsupportedMediaType", new Error(415, "UNSUPPORTED_MEDIA_TYPE",
                    "the body must be JSON: send Content-Type: application/json", "The body is not JSON")),
            Map.entry("IdempotencyKeyReused", new Error(422, "IDEMPOTENCY_KEY_REUSED",
                    "this Idempotency-Key was used for another body within 24 hours: use a new key for a new request",
                    "The Idempotency-Key was used for another body")),
            Map.entry("TooManyRequests", new Error(429, "TOO_MANY_REQUESTS",
                    "too many sign-ins for this user: try again in 90 seconds",
                    "Too many attempts; Retry-After says when to try again")),
            Map.entry("Unavailable", new Error(503, "UNAVAILABLE", "the database does not answer at the moment: try again",
                    "Cannot be answered now; Retry-After says when to try again")));

    private record Error(int status, String code, String message, String description) {
    }

    @Override
    public void filterOpenAPI(OpenAPI document) {
        if (document.getComponents() == null) {
            document.setComponents(OASFactory.createComponents());
        }
        document.getComponents()
                .addSecurityScheme(TOKEN, bearer("A personal access token", "lkp_"))
                .addSecurityScheme(SESSION, bearer("The accessToken of POST /v3/accounts/login", "JWT"))
                .addSecurityScheme(CLIENT, OASFactory.createSecurityScheme().type(SecurityScheme.Type.HTTP).scheme("basic")
                        .description("The id and secret of a client of kind introspection"))
                .addSecurityScheme(COOKIE, OASFactory.createSecurityScheme().type(SecurityScheme.Type.APIKEY)
                        .in(SecurityScheme.In.COOKIE).name("latchkey-session").description("A person's session in a browser"));
        ERRORS.forEach((name, error) -> document.getComponents().addResponse(name, response(error)));
        document.getPaths().getPathItems().forEach(this::complete);
    }

    private void complete(String path, PathItem item) {
        if (!path.startsWith("/v3")) {
            item.getOperations().values().forEach(OpenApiDescription::completeForeign);
            return;
        }
        item.getOperations().forEach((method, operation) -> {
            boolean isPublic = operation.getSecurity() != null && operation.getSecurity().isEmpty();
            if (!isPublic) {
                complete(operation);
                refer(operation, "Unauthenticated");
                refer(operation, "Forbidden");
            }
            if (path.contains("{id}")) {
                refer(operation, "NotFound");
            }
            if (hasParameter(operation, "sort")) {
                addPages(operation);
            }
            boolean hasParameters = operation.getParameters() != null && !operation.getParameters().isEmpty();
            if (operation.getRequestBody() != null || hasParameters) {
                refer(operation, "BadRequest");
            }
            if (operation.getRequestBody() != null) {
                refer(operation, "BodyTooLarge");
                refer(operation, "UnsupportedMediaType");
                if (!isPublic) {
                    refer(operation, "Conflict");
                }
            }
            if (hasParameter(operation, "Idempotency-Key")) {
                refer(operation, "IdempotencyKeyReused");
            }
            refer(operation, "Unavailable");
            operation.getResponses().getAPIResponses().values().stream().filter(response -> response.getRef() == null)
                    .forEach(OpenApiDescription::addRequestId);
        });
    }

    private static boolean hasParameter(Operation operation, String name) {
        return operation.getParameters() != null && operation.getParameters().stream().anyMatch(p -> name.equals(p.getName()));
    }

    private static void addPages(Operation operation) {
        operation.addParameter(parameter("page", "1 or more, up to row 10000; beyond it follow the cursor in Link",
                SchemaType.INTEGER).schema(schema(SchemaType.INTEGER).defaultValue(1)));
        operation.addParameter(parameter("limit", "1 to 100", SchemaType.INTEGER)
                .schema(schema(SchemaType.INTEGER).defaultValue(Listing.DEFAULT_LIMIT)));
        operation.addParameter(parameter("cursor", "From the Link header of an earlier answer", SchemaType.STRING));
        operation.getResponses().getAPIResponse("200")
                .addHeader(Page.COUNT, header("How many there are; absent beyond 10000", SchemaType.INTEGER))
                .addHeader(Page.PAGE, header("The number of the page; absent when a cursor was followed", SchemaType.INTEGER))
                .addHeader(Page.LIMIT, header("How many are on a page", SchemaType.INTEGER))
                .addHeader("Link", header("first, prev, next, last (RFC 8288)", SchemaType.STRING));
    }

    private static Parameter parameter(String name, String description, SchemaType type) {
        return OASFactory.createParameter().in(Parameter.In.QUERY).name(name).description(description).schema(schema(type));
    }

    private static Header header(String description, SchemaType type) {
        return OASFactory.createHeader().description(description).schema(schema(type));
    }

    private static Schema schema(SchemaType type) {
        return OASFactory.createSchema().addType(type);
    }

    /** Where another specification words the errors, only what HTTP itself refuses is ours. */
    private static void completeForeign(Operation operation) {
        if (operation.getRequestBody() != null) {
            refer(operation, "BodyTooLarge");
        }
        refer(operation, "Unavailable");
        operation.getResponses().getAPIResponses().values().stream().filter(response -> response.getRef() == null)
                .forEach(OpenApiDescription::addRequestId);
    }

    private static void complete(Operation operation) {
        if (operation.getSecurity() == null) {
            List.of(TOKEN, SESSION, COOKIE).forEach(
                    scheme -> operation.addSecurityRequirement(OASFactory.createSecurityRequirement().addScheme(scheme)));
        }
    }

    private static void refer(Operation operation, String name) {
        String status = Integer.toString(ERRORS.get(name).status());
        APIResponse present = operation.getResponses().getAPIResponse(status);
        if (present == null || present.getContent() == null && present.getRef() == null) {
            operation.getResponses().addAPIResponse(status, OASFactory.createAPIResponse().ref(name));
        }
    }

    private static SecurityScheme bearer(String description, String format) {
        return OASFactory.createSecurityScheme().type(SecurityScheme.Type.HTTP).scheme("bearer").bearerFormat(format)
                .description(description);
    }

    private static APIResponse response(Error error) {
        Content content = OASFactory.createContent().addMediaType("application/json", OASFactory.createMediaType()
                .schema(OASFactory.createSchema().ref("Error"))
                .example(Map.of("message", error.message(), "code", error.code())));
        APIResponse response = OASFactory.createAPIResponse().description(error.description()).content(content);
        addRequestId(response);
        return response;
    }

    private static void addRequestId(APIResponse response) {
        response.addHeader(HttpEdge.REQUEST_ID, header("The id of this request in the logs", SchemaType.STRING));
    }
}
