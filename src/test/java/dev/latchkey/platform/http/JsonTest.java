package dev.latchkey.platform.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;

/** JSON is read strictly: what is misspelt or of another type is an error, never silently something else. */
class JsonTest {

    record Thing(String name, List<String> scopes, Instant expiresAt, Integer count, Long total, Boolean revoked) {
    }

    private final ObjectMapper mapper = mapper();

    private static ObjectMapper mapper() {
        // The platform registers these before its customizers run.
        ObjectMapper mapper = new ObjectMapper().registerModule(new JavaTimeModule()).registerModule(new Jdk8Module());
        new Json().customize(mapper);
        return mapper;
    }

    @ParameterizedTest
    @CsvSource({
            "2027-01-31T12:00:00Z, 2027-01-31T12:00:00Z",
            "2027-01-31t12:00:00z, 2027-01-31T12:00:00Z",
            "2027-01-31T12:00:00.5Z, 2027-01-31T12:00:00.500Z",
            "2027-01-31T12:00:00.123Z, 2027-01-31T12:00:00.123Z",
            "2027-01-31T12:00:00.123456789Z, 2027-01-31T12:00:00.123Z",
            "2027-01-31T12:00:00+02:00, 2027-01-31T10:00:00Z",
            "2027-01-31T12:00:00-05:30, 2027-01-31T17:30:00Z",
            "2027-01-31T12:00:00-00:00, 2027-01-31T12:00:00Z",
            "2028-02-29T00:00:00Z, 2028-02-29T00:00:00Z",
            "9999-12-31T23:59:59Z, 9999-12-31T23:59:59Z"
    })
    void aTimestampIsReadAsRfc3339WritesIt(String text, Instant instant) throws Exception {
        assertThat(Json.parseTimestamp(text)).isEqualTo(instant);
        assertThat(read("{\"expiresAt\":\"" + text + "\"}").expiresAt()).isEqualTo(instant);
    }

    @ParameterizedTest
    @ValueSource(strings = { "", " ", "tomorrow", "2027-01-31", "2027-01-31T12:00:00", "2027-01-31 12:00:00Z",
            "2027-01-31T12:00Z",
            "2027-01-31T12:00:00.Z", "2027-01-31T12:00:00,5Z", "2027-01-31T12:00:00.1234567890Z", "2027-01-31T12:00:00+02",
            "2027-01-31T12:00:00+0200", "2027-01-31T12:00:00+02:00[Europe/Berlin]", "2027-01-31T12:00:00 Z",
            "2027-01-31T12:00:00Z ", " 2027-01-31T12:00:00Z", "2027-01-31T12:00:00Z\n", "10000-01-01T00:00:00Z",
            "+10000-01-01T00:00:00Z", "-0001-01-01T00:00:00Z", "27-01-31T12:00:00Z", "2027-02-30T12:00:00Z",
            "2027-02-29T12:00:00Z", "2027-13-01T12:00:00Z", "2027-00-01T12:00:00Z", "2027-01-31T25:00:00Z",
            "2027-01-31T12:60:00Z", "2027-01-31T12:00:61Z", "2027-01-31T12:00:00+25:00", "2027-W05-1T12:00:00Z", "1801396800",
            "٢٠٢٧-01-31T12:00:00Z" })
    void anythingElseIsNoTimestamp(String text) {
        assertThatThrownBy(() -> Json.parseTimestamp(text)).isInstanceOf(DateTimeParseException.class);
        assertThatThrownBy(() -> mapper.readValue("{\"expiresAt\":" + mapper.writeValueAsString(text) + "}", Thing.class))
                .isInstanceOf(MismatchedInputException.class).hasMessageContaining("RFC 3339");
    }

    @ParameterizedTest
    @ValueSource(strings = { "1801396800", "1801396800.5", "1801396800000", "true", "[2027,1,31]", "{}" })
    void aTimestampIsAString(String json) {
        refused("{\"expiresAt\":" + json + "}");
    }

    @Test
    void aTimestampIsWrittenInUtc() throws Exception {
        assertThat(mapper.writeValueAsString(Instant.parse("2027-01-31T12:00:00+02:00"))).isEqualTo("\"2027-01-31T10:00:00Z\"");
        assertThat(mapper.writeValueAsString(Instant.parse("2027-01-31T12:00:00.120Z")))
                .isEqualTo("\"2027-01-31T12:00:00.120Z\"");
    }

    @Test
    void aTimestampThatWasWrittenIsReadAgain() throws Exception {
        Instant now = Json.parseTimestamp(Instant.now().toString());
        assertThat(mapper.readValue(mapper.writeValueAsString(now), Instant.class)).isEqualTo(now);
    }

    @Test
    void whatIsRightIsRead() throws Exception {
        assertThat(read("{\"name\":\"ci\",\"scopes\":[\"a:b\"],\"count\":3,\"total\":4,\"revoked\":true} "))
                .isEqualTo(new Thing("ci", List.of("a:b"), null, 3, 4L, true));
        assertThat(read("{\"expiresAt\":null}").expiresAt()).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = { "expires_at", "expiresat", "ExpiresAt", "expiresAt " })
    void anUnknownFieldIsRefusedByItsName(String field) {
        assertThatThrownBy(() -> read("{\"name\":\"ci\",\"" + field + "\":\"2027-01-31T12:00:00Z\"}"))
                .isInstanceOf(UnrecognizedPropertyException.class).hasMessageContaining(field);
    }

    @ParameterizedTest
    @ValueSource(strings = { "5", "5.5", "true", "{}", "[]", "[\"ci\"]" })
    void whatIsNoStringIsNoString(String json) {
        refused("{\"name\":" + json + "}");
        refused("{\"scopes\":[\"a:b\"," + json + "]}");
    }

    @ParameterizedTest
    @ValueSource(strings = { "\"a:b\"", "5", "{}", "\"\"" })
    void whatIsNoListIsNoList(String json) {
        refused("{\"scopes\":" + json + "}");
    }

    @ParameterizedTest
    @ValueSource(strings = { "1.5", "1.0", "1e2", "\"1\"", "\"\"", "true", "[1]", "12345678901234567890" })
    void whatIsNoIntegerIsNoInteger(String json) {
        refused("{\"count\":" + json + "}");
        refused("{\"total\":" + json + "}");
    }

    @ParameterizedTest
    @ValueSource(strings = { "\"true\"", "\"\"", "1", "0", "[true]" })
    void whatIsNeitherTrueNorFalseIsNeither(String json) {
        refused("{\"revoked\":" + json + "}");
    }

    @ParameterizedTest
    @ValueSource(strings = { "{\"name\":\"a\",\"name\":\"b\"}", "{\"name\":\"a\",\"name\":\"a\"}",
            "{\"revoked\":true,\"name\":\"a\",\"revoked\":false}" })
    void aFieldTwiceIsRefused(String json) {
        assertThatThrownBy(() -> read(json)).isInstanceOf(JsonProcessingException.class).hasMessageContaining("Duplicate");
    }

    @ParameterizedTest
    @ValueSource(strings = { "{} {}", "{}x", "{}}", "{},", "{}\"\"" })
    void whatFollowsIsRefused(String json) {
        refused(json);
    }

    @ParameterizedTest
    @ValueSource(strings = { "{'name':'a'}", "{name:\"a\"}", "{\"name\":\"a\",}", "{\"name\":\"a\"/* */}", "{\"count\":NaN}",
            "{\"count\":01}", "[]", "\"\"", "5", "{\"name\":\"a\nb\"}" })
    void whatIsNotJsonOrNotAnObjectIsRefused(String json) {
        refused(json);
    }

    private void refused(String json) {
        assertThatThrownBy(() -> read(json)).as(json).isInstanceOf(JsonProcessingException.class);
    }

    private Thing read(String json) throws JsonProcessingException {
        return mapper.readValue(json, Thing.class);
    }
}
