package dev.latchkey.platform.http;

import dev.latchkey.platform.ApiException;

/** The errors that come from HTTP itself rather than from a feature. */
final class StandardErrors {

    private StandardErrors() {
    }

    static ApiException of(int status) {
        return switch (status) {
            case 400 -> new ApiException(400, "BAD_REQUEST", "the request is not well-formed");
            case 404 -> ApiException.notFound();
            case 405 -> new ApiException(405, "METHOD_NOT_ALLOWED",
                    "this path does not know this method: OPTIONS lists those that it knows");
            case 406 -> new ApiException(406, "NOT_ACCEPTABLE", "the answer is JSON: send Accept: application/json");
            case 413 -> new ApiException(413, "BODY_TOO_LARGE",
                    "the body is larger than 64 KiB, or than 1 MiB where lists are taken: send less");
            case 414 -> new ApiException(414, "URI_TOO_LONG", "the path and query are too long: send less");
            case 415 ->
                new ApiException(415, "UNSUPPORTED_MEDIA_TYPE", "the body must be JSON: send Content-Type: application/json");
            case 431 -> new ApiException(431, "HEADERS_TOO_LARGE", "the headers are too large: send less");
            case 503 -> ApiException.unavailable("the service is not available at the moment: try again");
            default -> status >= 500
                    ? new ApiException(status, "INTERNAL_ERROR",
                            "the service failed; its log has the reason under the request id")
                    : new ApiException(status, "BAD_REQUEST", "the request cannot be answered");
        };
    }
}
