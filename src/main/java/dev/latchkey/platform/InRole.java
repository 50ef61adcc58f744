package dev.latchkey.platform;

import static java.lang.annotation.ElementType.FIELD;
import static java.lang.annotation.ElementType.METHOD;
import static java.lang.annotation.ElementType.PARAMETER;
import static java.lang.annotation.ElementType.TYPE;
import static java.lang.annotation.RetentionPolicy.RUNTIME;

import java.lang.annotation.Retention;
import java.lang.annotation.Target;

import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.util.AnnotationLiteral;
import jakarta.inject.Qualifier;

import dev.latchkey.platform.LatchkeyConfig.Role;

/**
 * Which implementation serves in which role: one program is both, and learns at its start what it is. The others are
 * never made.
 */
@Qualifier
@Retention(RUNTIME)
@Target({ TYPE, METHOD, FIELD, PARAMETER })
public @interface InRole {

    Role value();

    /** The qualifier as a value. */
    final class Literal extends AnnotationLiteral<InRole> implements InRole {

        private final Role value;

        private Literal(Role value) {
            this.value = value;
        }

        /** The one of these that serves in this role. */
        public static <T> T choose(Instance<T> all, Role role) {
            return all.select(new Literal(role)).get();
        }

        @Override
        public Role value() {
            return value;
        }
    }
}
