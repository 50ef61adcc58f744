package dev.latchkey.platform.http;

import java.io.IOException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

import jakarta.inject.Singleton;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import com.fasterxml.jackson.databind.type.LogicalType;

import dev.latchkey.platform.ApiException;
import io.quarkus.jackson.ObjectMapperCustomizer;

/**
 * The one configuration of JSON. Strict: an unknown field, a field twice, a number where a string belongs are errors, because a
 * misspelt {@code expiresAt} that is silently dropped makes a token that never expires.
 */
@Singleton
public class Json implements ObjectMapperCustomizer {

    static final String TIMESTAMP_FORM = "must be a time as in RFC 3339 with a zone, such as 2027-01-31T12:00:00Z";

    /** RFC 3339 section 5.6, with a year of four digits. */
    private static final Pattern TIMESTAMP = Pattern
            .compile("\\d{4}-\\d{2}-\\d{2}[Tt]\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,9})?([Zz]|[+-]\\d{2}:\\d{2})");

    /** After the platform's own modules, whose more lenient reading of times ours replaces. */
    @Override
    public int priority() {
        return MINIMUM_PRIORITY;
    }

    @Override
    public void customize(ObjectMapper mapper) {
        mapper.enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
        mapper.disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT);
        mapper.enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION.mappedFeature());
        mapper.configure(MapperFeature.ALLOW_COERCION_OF_SCALARS, false);
        mapper.coercionConfigDefaults().setAcceptBlankAsEmpty(false).setCoercion(CoercionInputShape.EmptyString,
                CoercionAction.Fail);
        for (CoercionInputShape shape : new CoercionInputShape[] { CoercionInputShape.Integer, CoercionInputShape.Float,
                CoercionInputShape.Boolean }) {
            mapper.coercionConfigFor(LogicalType.Textual).setCoercion(shape, CoercionAction.Fail);
        }
        SimpleModule module = new SimpleModule("latchkey");
        module.addSerializer(Instant.class, new ToStringSerializer(Instant.class));
        module.addDeserializer(Instant.class, new InstantDeserializer());
        mapper.registerModule(module);
    }

    /**
     * The instant that a text in RFC 3339 names, to the millisecond.
     *
     * @throws DateTimeParseException if the text has not that form, or no such time exists
     */
    static Instant parseTimestamp(String text) {
        if (!TIMESTAMP.matcher(text).matches()) {
            throw new DateTimeParseException(TIMESTAMP_FORM, text, 0);
        }
        OffsetDateTime time = OffsetDateTime.parse(text.toUpperCase(Locale.ROOT), DateTimeFormatter.ISO_OFFSET_DATE_TIME)
                .withOffsetSameInstant(ZoneOffset.UTC);
        if (time.getYear() < 0 || time.getYear() > 9999) {
            throw new DateTimeParseException(TIMESTAMP_FORM, text, 0);
        }
        return time.toInstant().truncatedTo(ChronoUnit.MILLIS);
    }

    /**
     * The time that a parameter's text names, to the millisecond.
     *
     * @throws ApiException 400 if it names none
     */
    static Instant timestamp(String parameter, String text) {
        try {
            return parseTimestamp(text);
        } catch (DateTimeParseException e) {
            throw ApiException.invalid(parameter, TIMESTAMP_FORM);
        }
    }

    /** What a person calls a type. */
    static String nameOf(Class<?> type) {
        if (CharSequence.class.isAssignableFrom(type)) {
            return "a string";
        }
        if (type == Boolean.class || type == boolean.class) {
            return "true or false";
        }
        if (Number.class.isAssignableFrom(type) || type.isPrimitive()) {
            return "a number";
        }
        if (Collection.class.isAssignableFrom(type)) {
            return "a list";
        }
        if (Map.class.isAssignableFrom(type) || type.isRecord()) {
            return "an object";
        }
        return type == Instant.class ? TIMESTAMP_FORM.substring("must be ".length()) : "of another type";
    }

    private static final class InstantDeserializer extends StdDeserializer<Instant> {

        InstantDeserializer() {
            super(Instant.class);
        }

        @Override
        public Instant deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            if (parser.currentToken() != JsonToken.VALUE_STRING) {
                return (Instant) context.handleUnexpectedToken(Instant.class, parser);
            }
            String text = parser.getText();
            try {
                return parseTimestamp(text);
            } catch (DateTimeParseException e) {
                return (Instant) context.handleWeirdStringValue(Instant.class, text, TIMESTAMP_FORM);
            }
        }
    }
}
