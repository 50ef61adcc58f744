package dev.latchkey.platform;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import jakarta.validation.Constraint;
import jakarta.validation.ConstraintValidator;
import jakarta.validation.ConstraintValidatorContext;
import jakarta.validation.Payload;

/**
 * Text that people write and read: one or more characters after trimming, no control characters, nothing that turns
 * the writing direction. A character is what a person sees as one (Unicode Standard Annex 29, extended grapheme
 * cluster): an emoji of several code points counts once. Null is valid.
 */
@Documented
@Constraint(validatedBy = Text.Validator.class)
@Target({ ElementType.FIELD, ElementType.PARAMETER, ElementType.TYPE_USE })
@Retention(RetentionPolicy.RUNTIME)
public @interface Text {

    /** Most characters. */
    int max();

    /** Whether line breaks and tabs are allowed. */
    boolean multiline() default false;

    /** Whether nothing, or only white space, is allowed. */
    boolean blank() default false;

    String message() default "";

    Class<?>[] groups() default {};

    Class<? extends Payload>[] payload() default {};

    class Validator implements ConstraintValidator<Text, String> {

        private static final Pattern CHARACTER = Pattern.compile("\\X");
        /** A cluster may be arbitrarily long: bounds what is stored. */
        private static final int MAX_CODE_POINTS_PER_CHARACTER = 8;

        private Text text;

        @Override
        public void initialize(Text annotation) {
            text = annotation;
        }

        @Override
        public boolean isValid(String value, ConstraintValidatorContext context) {
            if (value == null) {
                return true;
            }
            String problem = problem(value.strip());
            if (problem == null) {
                return true;
            }
            context.disableDefaultConstraintViolation();
            context.buildConstraintViolationWithTemplate(problem).addConstraintViolation();
            return false;
        }

        private String problem(String value) {
            if (value.codePoints().allMatch(Validator::isInvisible)) {
                return text.blank() ? null : "is blank: write 1 to " + text.max() + " characters";
            }
            if (value.codePointCount(0, value.length()) > text.max() * MAX_CODE_POINTS_PER_CHARACTER) {
                return "is too long: at most " + text.max() + " characters";
            }
            if (value.codePoints().anyMatch(this::isForbidden)) {
                return "has a control character: remove it";
            }
            Matcher characters = CHARACTER.matcher(value);
            int count = 0;
            while (characters.find()) {
                count++;
            }
            return count > text.max() ? "has " + count + " characters: at most " + text.max() : null;
        }

        private static boolean isInvisible(int c) {
            return Character.isWhitespace(c) || Character.isSpaceChar(c) || Character.getType(c) == Character.FORMAT;
        }

        private boolean isForbidden(int c) {
            if (text.multiline() && (c == '\n' || c == '\r' || c == '\t')) {
                return false;
            }
            boolean turnsDirection = c >= 0x202a && c <= 0x202e || c >= 0x2066 && c <= 0x2069;
            boolean separatesLines = c == 0x2028 || c == 0x2029;
            boolean halfOfAPair = c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE;
            return Character.isISOControl(c) || turnsDirection || separatesLines || halfOfAPair;
        }
    }
}
