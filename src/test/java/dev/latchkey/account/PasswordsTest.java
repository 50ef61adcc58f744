package dev.latchkey.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A password is kept as an Argon2id hash with the parameters that OWASP recommends. */
class PasswordsTest {

    private static final String PASSWORD = "correct horse battery staple";

    @Test
    void aHashIsArgon2idInPhcFormWithItsParameters() {
        assertThat(Passwords.hash(PASSWORD))
                .matches("\\$argon2id\\$v=19\\$m=19456,t=2,p=1\\$[A-Za-z0-9+/]{22}\\$[A-Za-z0-9+/]{43}");
    }

    @Test
    void thePasswordMatchesItsHashAndNoOtherDoes() {
        String hash = Passwords.hash(PASSWORD);
        assertThat(Passwords.matches(PASSWORD, hash)).isTrue();
        for (String wrong : new String[] { "", "Correct horse battery staple", PASSWORD + " ", " " + PASSWORD,
                PASSWORD.substring(1), hash }) {
            assertThat(Passwords.matches(wrong, hash)).as(wrong).isFalse();
        }
    }

    @Test
    void everyHashHasASaltOfItsOwn() {
        assertThat(Passwords.hash(PASSWORD)).isNotEqualTo(Passwords.hash(PASSWORD));
    }

    @Test
    void aPasswordMayBeInAnyScript() {
        String password = "пароль-密码-🔑-\u0000-ß";
        String hash = Passwords.hash(password);
        assertThat(Passwords.matches(password, hash)).isTrue();
        assertThat(Passwords.matches("??????-??-?-\u0000-?", hash)).isFalse();
        assertThat(Passwords.matches("пароль-密码-🔒-\u0000-ß", hash)).isFalse();
        assertThat(Passwords.matches("пароль-密码-🔑-", hash)).isFalse();
    }

    @Test
    void aHashMadeElsewhereWithOtherParametersIsVerified() {
        // From the test suite of the reference implementation, github.com/P-H-C/phc-winner-argon2, src/test.c.
        String hash = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
        assertThat(Passwords.matches("password", hash)).isTrue();
        assertThat(Passwords.matches("Password", hash)).isFalse();
    }

    @Test
    void aChangedParameterOrSaltOrHashDoesNotMatch() {
        String hash = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
        assertThat(Passwords.matches("password", hash.replace("m=256", "m=512"))).isFalse();
        assertThat(Passwords.matches("password", hash.replace("t=2", "t=3"))).isFalse();
        assertThat(Passwords.matches("password", hash.replace("c29t", "d29t"))).isFalse();
        assertThat(Passwords.matches("password", hash.replace("nf65", "of65"))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = { "", "password", "$argon2id$",
            "$2y$10$abcdefghijklmnopqrstuuabcdefghijklmnopqrstuvwxyz0123456789ABC",
            "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
            "$argon2id$v=16$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
            "$argon2id$v=19$m=256,t=2$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
            "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$",
            "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$n*65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
            "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4\n",
            " $argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4" })
    void whatIsNoHashIsAnErrorAndNotAWrongPassword(String hash) {
        assertThatThrownBy(() -> Passwords.matches("password", hash)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("PHC");
    }
}
