package dev.latchkey.platform.http;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;

/**
 * One page of a {@link Listing}.
 *
 * @param number of the page; empty when a cursor was followed
 * @param sort as the parameter is written
 * @param total exact; empty beyond {@value Listing#LAST_NUMBERED_ROW}
 * @param next cursor of the page after this one
 * @param previous cursor of the page before this one
 */
public record Page<T>(List<T> items, Optional<Integer> number, int limit, String sort, Optional<Long> total,
        Optional<String> next,
        Optional<String> previous) {

    public static final String COUNT = "Pagination-Count";
    public static final String PAGE = "Pagination-Page";
    public static final String LIMIT = "Pagination-Limit";

    public <V> Page<V> map(Function<T, V> view) {
        return new Page<>(items.stream().map(view).toList(), number, limit, sort, total, next, previous);
    }

    /** The items as a JSON array, with the position in headers and the neighbours in {@code Link} (RFC 8288). */
    public Response toResponse(UriInfo uri) {
        Response.ResponseBuilder response = Response.ok(items).header(LIMIT, limit);
        number.ifPresent(page -> response.header(PAGE, page));
        total.ifPresent(count -> response.header(COUNT, count));
        List<String> links = new ArrayList<>();
        links.add(link(uri, "first", Map.of("page", "1")));
        previous.ifPresent(cursor -> links.add(link(uri, "prev", Map.of("cursor", cursor))));
        next.ifPresent(cursor -> links.add(link(uri, "next", Map.of("cursor", cursor))));
        total.map(count -> Math.max(1, (count + limit - 1) / limit)).filter(last -> last * limit <= Listing.LAST_NUMBERED_ROW)
                .ifPresent(last -> links.add(link(uri, "last", Map.of("page", last.toString()))));
        return response.header(HttpHeaders.LINK, String.join(", ", links)).build();
    }

    private String link(UriInfo uri, String relation, Map<String, String> position) {
        Map<String, String> parameters = new LinkedHashMap<>();
        uri.getQueryParameters().forEach((name, values) -> parameters.put(name, values.get(0)));
        parameters.keySet().removeAll(List.of("page", "cursor"));
        parameters.put("limit", Integer.toString(limit));
        parameters.put("sort", sort);
        parameters.putAll(position);
        StringBuilder query = new StringBuilder();
        parameters.forEach((name, value) -> query.append(query.isEmpty() ? '?' : '&').append(encode(name)).append('=')
                .append(encode(value)));
        // Relative to the request, so that it holds behind any proxy.
        return "<" + uri.getRequestUri().getRawPath() + query + ">; rel=\"" + relation + "\"";
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
