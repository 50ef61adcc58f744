package dev.latchkey.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;

import jakarta.validation.Validation;
import jakarta.validation.Validator;
import jakarta.validation.ValidatorFactory;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Text is what a person can write and read: counted as they count, and with nothing in it that deceives them. */
class TextTest {

    /** A man, a woman, a girl and a boy, joined: 7 code points, 11 chars, one character. */
    private static final String FAMILY = "\uD83D\uDC68\u200D\uD83D\uDC69\u200D\uD83D\uDC67\u200D\uD83D\uDC66";

    private static ValidatorFactory factory;
    private static Validator validator;

    static class Written {
        @Text(max = 255)
        String name;
        @Text(max = 1000, multiline = true)
        String description;
        @Text(max = 10, blank = true)
        String note;
    }

    @BeforeAll
    static void openValidator() {
        factory = Validation.buildDefaultValidatorFactory();
        validator = factory.getValidator();
    }

    @AfterAll
    static void closeValidator() {
        factory.close();
    }

    @Test
    void oneTo255CharactersAreAllowed() {
        assertThat(problem("x")).isEmpty();
        assertThat(problem("x".repeat(255))).isEmpty();
        assertThat(problem("Größe, 大小, حجم, גודל – “CI” & <deploy> \\ ${x}")).isEmpty();
    }

    @Test
    void moreThan255AreNotAndTheMessageSaysHowMany() {
        assertThat(problem("x".repeat(256))).hasValueSatisfying(m -> assertThat(m).contains("256", "255"));
        assertThat(problem("x".repeat(100_000))).hasValueSatisfying(m -> assertThat(m).contains("255"));
    }

    @Test
    void nullIsForOthersToRefuse() {
        assertThat(problem(null)).isEmpty();
    }

    @Test
    void anEmojiOfSeveralCodePointsCountsOnce() {
        assertThat(FAMILY.codePointCount(0, FAMILY.length())).isEqualTo(7);
        assertThat(problem(FAMILY.repeat(255))).isEmpty();
        assertThat(problem(FAMILY.repeat(256))).hasValueSatisfying(m -> assertThat(m).contains("255"));
    }

    @Test
    void aLetterWithACombiningAccentCountsOnce() {
        assertThat(problem("e\u0301".repeat(255))).isEmpty();
        assertThat(problem("e\u0301".repeat(256))).isPresent();
    }

    @Test
    void aCharacterCannotHideUnboundedText() {
        assertThat(problem("e" + "\u0301".repeat(10_000))).isPresent();
    }

    @Test
    void whiteSpaceAroundItDoesNotCount() {
        assertThat(problem("  " + "x".repeat(255) + " \u3000\n")).isEmpty();
        assertThat(problem(" ".repeat(300) + "x")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = { "", " ", "   ", "\t", "\n", "\u2003", "\u3000" })
    void nothingButWhiteSpaceIsRefusedUnlessItIsAllowed(String blank) {
        assertThat(problem(blank)).hasValueSatisfying(m -> assertThat(m).contains("blank", "255"));
        Written written = new Written();
        written.note = blank;
        assertThat(validator.validateProperty(written, "note")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = { "\u0000", "\u0001", "\u0007", "\b", "\t", "\n", "\r", "\u001b", "\u007f", "\u0080", "\u0085",
            "\u009f" })
    void controlCharactersAreRefused(String control) {
        assertThat(problem("a" + control + "b")).hasValueSatisfying(m -> assertThat(m).contains("control character"));
    }

    @ParameterizedTest
    @ValueSource(ints = { 0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069 })
    void whatTurnsTheWritingDirectionIsRefused(int override) {
        assertThat(problem("a" + Character.toString(override) + "b")).isPresent();
    }

    @ParameterizedTest
    @ValueSource(ints = { 0x2028, 0x2029 })
    void unicodesOwnLineBreaksAreRefused(int separator) {
        assertThat(problem("a" + Character.toString(separator) + "b")).isPresent();
    }

    @Test
    void halfOfASurrogatePairIsRefused() {
        assertThat(problem("a\uD83Db")).isPresent();
        assertThat(problem("a\uDC68b")).isPresent();
        assertThat(problem("\uDC68\uD83D")).isPresent();
        assertThat(problem("a\uD83D\uDC68b")).isEmpty();
    }

    @Test
    void severalLinesAreAllowedOnlyWhereSaid() {
        Written written = new Written();
        written.description = "one\ntwo\r\n\tthree";
        assertThat(validator.validateProperty(written, "description")).isEmpty();
        assertThat(problem("one\ntwo")).isPresent();
        for (String forbidden : new String[] { "\u0000", "\u001b", "\u202e", "\u2028", "\uD83D" }) {
            written.description = "one\n" + forbidden + "two";
            assertThat(validator.validateProperty(written, "description")).hasSize(1);
        }
    }

    @Test
    void aBlankTextThatIsAllowedStillHasALimit() {
        Written written = new Written();
        written.note = "x".repeat(10);
        assertThat(validator.validateProperty(written, "note")).isEmpty();
        written.note = "x".repeat(11);
        assertThat(validator.validateProperty(written, "note")).hasSize(1);
    }

    private static Optional<String> problem(String name) {
        Written written = new Written();
        written.name = name;
        return validator.validateProperty(written, "name").stream().map(violation -> violation.getMessage()).findFirst();
    }
}
