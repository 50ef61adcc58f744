package dev.latchkey.platform.http;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;

import jakarta.ws.rs.core.MultivaluedHashMap;
import jakarta.ws.rs.core.MultivaluedMap;

import org.hibernate.reactive.mutiny.Mutiny;

import dev.latchkey.platform.ApiException;
import dev.latchkey.platform.Ids;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;

/**
 * A list that the API offers: what it can be sorted and filtered by, and the SQL for each. Built once; {@link #fetch}
 * answers one request.
 * <p>
 * Numbered pages are for people and reach row {@value #LAST_NUMBERED_ROW}; the {@code next} and {@code prev} links
 * carry a keyset cursor, whose cost is the same at any depth.
 *
 * @param <T> the entity of a row
 */
public final class Listing<T> {

    static final int LAST_NUMBERED_ROW = 10_000;
    static final int DEFAULT_LIMIT = 20;
    static final int MAX_LIMIT = 100;
    private static final int MAX_VALUES = 100;
    private static final int MAX_SEARCH_LENGTH = 200;
    private static final int MAX_SEARCH_WORDS = 10;

    /** What the values of a field are. */
    public enum Type {
        TEXT,
        INSTANT,
        ID
    }

    /** How a filter compares. */
    private enum Operator {
        EQUALS("=", ""),
        IN("IN", "in"),
        GREATER(">", "gt"),
        GREATER_OR_EQUAL(">=", "gte"),
        LESS("<", "lt"),
        LESS_OR_EQUAL("<=", "lte");

        private final String sql;
        private final String parameter;

        Operator(String sql, String parameter) {
            this.sql = sql;
            this.parameter = parameter;
        }

        static Optional<Operator> of(String parameter) {
            return Arrays.stream(values()).filter(operator -> operator.parameter.equals(parameter)).findFirst();
        }

        boolean orders() {
            return this != EQUALS && this != IN;
        }
    }

    /**
     * @param from what follows FROM in SQL
     * @param id in SQL, what sorts those that are equal
     * @param missing in SQL, the time as which one that is not there sorts
     */
    private record Sort<T>(String field, String from, String id, String sql, Type type, String missing,
            Function<T, Object> value) {
    }

    /** A condition in SQL, made from the values of one parameter. */
    @FunctionalInterface
    private interface Filter {
        String sql(Operator operator, List<String> values, Conditions conditions);
    }

    /** The conditions of a request, with the values bound to their placeholders. */
    public static final class Conditions {

        private final List<String> sql = new ArrayList<>();
        private final Map<String, Object> parameters = new LinkedHashMap<>();
        private boolean counted = true;

        /** Adds a condition, which must hold beside the others. */
        public Conditions and(String condition) {
            sql.add(condition);
            return this;
        }

        /** Nobody is told how many there are. */
        public Conditions uncounted() {
            counted = false;
            return this;
        }

        /** Binds a value; answers the placeholder to write in the SQL. */
        public String bind(Object value) {
            String name = "p" + parameters.size();
            parameters.put(name, value);
            return ":" + name;
        }

        private String where() {
            return sql.isEmpty() ? "" : " WHERE " + String.join(" AND ", sql);
        }
    }

    private final Class<T> entity;
    private final String from;
    private final String alias;
    private final Function<T, UUID> id;
    private final Map<String, Sort<T>> sorts = new LinkedHashMap<>();
    private final Map<String, Filter> filters = new LinkedHashMap<>();
    private Function<Conditions, Function<String, String>> search;
    private Function<List<T>, Uni<?>> more = rows -> Uni.createFrom().voidItem();

    /**
     * @param from what follows FROM in SQL
     * @param alias of the table in it whose rows are the entities
     */
    public Listing(Class<T> entity, String from, String alias, Function<T, UUID> id) {
        this.entity = entity;
        this.from = from;
        this.alias = alias;
        this.id = id;
    }

    /**
     * Lets a field sort, by an expression that an index serves together with the id. The first one sorts when none is asked.
     */
    public Listing<T> sort(String field, String sql, Type type, Function<T, Object> value) {
        sorts.put(field, new Sort<>(field, from, alias + ".id", sql, type, "TIMESTAMPTZ 'infinity'", value));
        return this;
    }

    /**
     * Lets a time of another table sort: one that is not there before all others.
     *
     * @param from what follows FROM in SQL then, so that the other table's index can lead
     * @param id the other table's reference to the row, by which that index goes on
     */
    public Listing<T> sortMissingFirst(String field, String from, String id, String sql, Function<T, Object> value) {
        sorts.put(field, new Sort<>(field, from, id, sql, Type.INSTANT, "TIMESTAMPTZ '-infinity'", value));
        return this;
    }

    /** Has something loaded for the rows of a page, before what sorts is read from them. */
    public Listing<T> load(Function<List<T>, Uni<?>> more) {
        this.more = more;
        return this;
    }

    /** Lets a field filter, by all operators that its type knows. */
    public Listing<T> filter(String field, String sql, Type type) {
        filters.put(field, (operator, values, conditions) -> {
            if (operator.orders() && type != Type.INSTANT) {
                throw ApiException.invalid(field + "[" + operator.parameter + "]",
                        "only times can be compared: use " + field + "=");
            }
            List<String> placeholders = values.stream().map(text -> conditions.bind(value(field, type, text))).toList();
            return operator == Operator.EQUALS || operator == Operator.IN
                    ? sql + " IN (" + String.join(", ", placeholders) + ")"
                    : sql + " " + operator.sql + " " + placeholders.get(0);
        });
        return this;
    }

    /**
     * Lets a name filter by a condition for each of its values, of which one must hold.
     *
     * @param condition SQL for one value; empty if there is no such value
     */
    public Listing<T> choice(String name, String allowed, Function<Conditions, Function<String, Optional<String>>> condition) {
        filters.put(name, (operator, values, conditions) -> {
            if (operator.orders()) {
                throw ApiException.invalid(name, "cannot be compared: use " + name + "=");
            }
            return values.stream()
                    .map(value -> condition.apply(conditions).apply(value)
                            .orElseThrow(() -> ApiException.invalid(name, "'" + value + "' is not known; allowed: " + allowed)))
                    .collect(Collectors.joining(" OR ", "(", ")"));
        });
        return this;
    }

    /**
     * Lets a name filter by a condition on one time.
     *
     * @param condition SQL for the placeholder of the time
     */
    public Listing<T> time(String name, Function<String, String> condition) {
        filters.put(name, (operator, values, conditions) -> {
            if (operator != Operator.EQUALS || values.size() > 1) {
                throw ApiException.invalid(name, "takes one time: use " + name + "=2027-01-31T12:00:00Z");
            }
            return condition.apply(conditions.bind(Json.timestamp(name, values.get(0))));
        });
        return this;
    }

    /**
     * Lets {@code query=} find rows with words that begin with each of the words asked for.
     *
     * @param vector SQL of the words, as a tsvector that an index serves
     */
    public Listing<T> search(String vector) {
        this.search = conditions -> text -> {
            String words = Arrays.stream(text.split("[^\\p{L}\\p{N}]+")).filter(word -> !word.isEmpty()).limit(MAX_SEARCH_WORDS)
                    .map(word -> "'" + word + "':*").collect(Collectors.joining(" & "));
            return words.isEmpty() ? "false" : vector + " @@ to_tsquery('simple', " + conditions.bind(words) + ")";
        };
        return this;
    }

    /**
     * Answers one request.
     *
     * @param query the parameters of the request
     * @param conditions what limits the list beside the filters, the account first of all
     * @throws ApiException 400 for a parameter that is not known or not allowed
     */
    public Uni<Page<T>> fetch(Mutiny.Session session, MultivaluedMap<String, String> query, Conditions conditions) {
        Request request = parse(query, conditions);
        String counted = "SELECT count(*) FROM (SELECT 1 FROM " + request.sort.from + conditions.where() + " LIMIT "
                + (LAST_NUMBERED_ROW + 1)
                + ") AS counted";
        Map<String, Object> countParameters = Map.copyOf(conditions.parameters);

        boolean descending = request.descending != request.backwards();
        if (request.cursor != null) {
            conditions.and("(" + request.sort.sql + ", " + request.sort.id + ") " + (descending ? "<" : ">") + " ("
                    + request.cursor.sql(request.sort, conditions) + ", " + conditions.bind(request.cursor.id) + ")");
        }
        String direction = descending ? " DESC" : " ASC";
        String rows = "SELECT " + alias + ".* FROM " + request.sort.from + conditions.where() + " ORDER BY " + request.sort.sql
                + direction + ", " + request.sort.id + direction + " LIMIT " + (request.limit + 1) + " OFFSET "
                + request.offset();

        Uni<Optional<Long>> total = Uni.createFrom().item(Optional.empty());
        if (conditions.counted) {
            Mutiny.SelectionQuery<Long> count = session.createNativeQuery(counted, Long.class);
            countParameters.forEach(count::setParameter);
            total = count.getSingleResult().map(rowCount -> Optional.of(rowCount).filter(it -> it <= LAST_NUMBERED_ROW));
        }
        Mutiny.SelectionQuery<T> select = session.createNativeQuery(rows, entity);
        conditions.parameters.forEach(select::setParameter);
        return total.chain(known -> select.getResultList()
                .call(found -> more.apply(found)).map(found -> page(request, found, known)));
    }

    /**
     * All that a list would show, one page after the other, so that however many they are, few are in memory.
     *
     * @param query the parameters of the list, without a page
     * @param fetch one page
     */
    public static <V> Multi<Page<V>> all(MultivaluedMap<String, String> query,
            Function<MultivaluedMap<String, String>, Uni<Page<V>>> fetch) {
        MultivaluedHashMap<String, String> position = new MultivaluedHashMap<>(query);
        position.putSingle("limit", Integer.toString(MAX_LIMIT));
        return Multi.createBy().repeating().uni(() -> position, next -> fetch.apply(next).invoke(page -> {
            next.remove("page");
            page.next().ifPresent(cursor -> next.putSingle("cursor", cursor));
        })).whilst(page -> page.next().isPresent());
    }

    private Page<T> page(Request request, List<T> found, Optional<Long> total) {
        boolean more = found.size() > request.limit;
        List<T> items = new ArrayList<>(more ? found.subList(0, request.limit) : found);
        if (request.backwards()) {
            Collections.reverse(items);
        }
        boolean hasNext = request.backwards() || more;
        boolean hasPrevious = request.backwards() ? more : request.cursor != null || request.page > 1;
        String sortParameter = (request.descending ? "-" : "") + request.sort.field;
        Optional<String> next = hasNext && !items.isEmpty() ? Optional.of(cursor(request, items.get(items.size() - 1), false))
                : Optional.empty();
        Optional<String> previous = hasPrevious && !items.isEmpty() ? Optional.of(cursor(request, items.get(0), true))
                : Optional.empty();
        return new Page<>(items, request.cursor == null ? Optional.of(request.page) : Optional.empty(), request.limit,
                sortParameter, total, next, previous);
    }

    private String cursor(Request request, T item, boolean backwards) {
        Object value = request.sort.value.apply(item);
        JsonArray fields = new JsonArray().add((request.descending ? "-" : "") + request.sort.field).add(backwards ? "<" : ">")
                .add(id.apply(item).toString()).add(value == null ? null : value.toString());
        return Base64.getUrlEncoder().withoutPadding().encodeToString(fields.encode().getBytes(StandardCharsets.UTF_8));
    }

    private final class Request {
        private int page = 1;
        private int limit = DEFAULT_LIMIT;
        private Sort<T> sort = sorts.values().iterator().next();
        private boolean descending = true;
        private Cursor cursor;

        private boolean backwards() {
            return cursor != null && cursor.backwards;
        }

        private int offset() {
            return cursor == null ? (page - 1) * limit : 0;
        }
    }

    private record Cursor(String sortParameter, boolean backwards, UUID id, String value) {

        /** The sort value, or what a missing time sorts as. */
        private String sql(Sort<?> sort, Conditions conditions) {
            if (value == null) {
                return sort.missing;
            }
            return conditions.bind(switch (sort.type) {
                case TEXT -> value;
                case INSTANT -> Instant.parse(value);
                case ID -> UUID.fromString(value);
            });
        }
    }

    private Request parse(MultivaluedMap<String, String> query, Conditions conditions) {
        Request request = new Request();
        boolean numbered = false;
        String sorted = null;
        for (Map.Entry<String, List<String>> parameter : query.entrySet()) {
            String name = parameter.getKey();
            if (parameter.getValue().size() > 1) {
                throw ApiException.invalid(name, "is given more than once: join the values with commas");
            }
            String value = parameter.getValue().get(0);
            if (value.chars().anyMatch(Character::isISOControl)) {
                throw ApiException.invalid(name, "has a control character: remove it");
            }
            switch (name) {
                case "page" -> {
                    request.page = number(name, value, Integer.MAX_VALUE);
                    numbered = true;
                }
                case "limit" -> request.limit = number(name, value, MAX_LIMIT);
                case "sort" -> sorted = value;
                case "cursor" -> request.cursor = cursor(value);
                case "query" -> {
                    if (search == null) {
                        throw unknownParameter(name);
                    }
                    if (value.length() > MAX_SEARCH_LENGTH) {
                        throw ApiException.invalid(name, "is too long: at most " + MAX_SEARCH_LENGTH + " characters");
                    }
                    if (!value.isBlank()) {
                        conditions.and(search.apply(conditions).apply(value));
                    }
                }
                default -> conditions.and(filter(name, value, conditions));
            }
        }
        if (request.cursor != null) {
            if (numbered || sorted != null && !sorted.equals(request.cursor.sortParameter)) {
                throw ApiException.invalid("cursor", "goes neither with page nor with another sort: follow the Link as it is");
            }
            sorted = request.cursor.sortParameter;
        }
        if (sorted != null) {
            request.descending = sorted.startsWith("-");
            request.sort = sorts.get(request.descending ? sorted.substring(1) : sorted);
            if (request.sort == null) {
                throw ApiException.invalid("sort",
                        "'" + sorted + "' is not known; allowed: " + String.join(", ", sorts.keySet())
                                + ", each with a - before it to reverse");
            }
        }
        if (request.cursor == null && (long) request.page * request.limit > LAST_NUMBERED_ROW) {
            throw ApiException.invalid("page", "numbered pages end at row " + LAST_NUMBERED_ROW
                    + ": follow the Link header's rel=\"next\", whose cursor goes on from there");
        }
        return request;
    }

    private String filter(String parameter, String value, Conditions conditions) {
        int bracket = parameter.indexOf('[');
        String name = bracket < 0 ? parameter : parameter.substring(0, bracket);
        Filter filter = filters.get(name);
        if (filter == null) {
            throw unknownParameter(parameter);
        }
        Operator operator = Operator.EQUALS;
        if (bracket >= 0) {
            String inside = parameter.endsWith("]") ? parameter.substring(bracket + 1, parameter.length() - 1) : "";
            operator = inside.isEmpty() ? null : Operator.of(inside).orElse(null);
            if (operator == null) {
                throw ApiException.invalid(parameter, "the operator is not known; allowed: [gt], [gte], [lt], [lte], [in]");
            }
        }
        List<String> values = operator.orders() ? List.of(value) : List.of(value.split(",", -1));
        if (values.size() > MAX_VALUES) {
            throw ApiException.invalid(parameter, "has too many values: at most " + MAX_VALUES);
        }
        return filter.sql(operator, values, conditions);
    }

    private ApiException unknownParameter(String name) {
        return ApiException.invalid(name, "is not a parameter of this list; allowed: page, limit, sort, cursor, "
                + (search == null ? "" : "query, ") + String.join(", ", filters.keySet()));
    }

    static int number(String name, String value, int max) {
        if (value.matches("[1-9][0-9]{0,8}") && Integer.parseInt(value) <= max) {
            return Integer.parseInt(value);
        }
        throw ApiException.invalid(name,
                "must be a whole number " + (max == Integer.MAX_VALUE ? "of 1 or more" : "from 1 to " + max));
    }

    private static Object value(String field, Type type, String text) {
        return switch (type) {
            case TEXT -> text;
            case ID -> Ids.parse(text).orElseThrow(() -> ApiException.invalid(field, "must be a UUID"));
            case INSTANT -> Json.timestamp(field, text);
        };
    }

    private Cursor cursor(String text) {
        try {
            JsonArray fields = new JsonArray(new String(Base64.getUrlDecoder().decode(text), StandardCharsets.UTF_8));
            Cursor cursor = new Cursor(fields.getString(0), "<".equals(fields.getString(1)),
                    UUID.fromString(fields.getString(2)),
                    fields.getString(3));
            Sort<T> sort = sorts
                    .get(cursor.sortParameter.startsWith("-") ? cursor.sortParameter.substring(1) : cursor.sortParameter);
            boolean isText = cursor.value != null && cursor.value.chars().noneMatch(Character::isISOControl);
            if (!isText && (cursor.value != null || sort.type != Type.INSTANT)) {
                throw new IllegalArgumentException("no value that this sort has");
            }
            // Throws if the value is not of the sort's type.
            cursor.sql(sort, new Conditions());
            return cursor;
        } catch (IllegalArgumentException | DecodeException | ClassCastException | IndexOutOfBoundsException
                | DateTimeParseException | NullPointerException e) {
            throw ApiException.invalid("cursor", "is not one of ours: follow the Link header as it is");
        }
    }
}
