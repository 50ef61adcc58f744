package dev.latchkey.platform.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CsvTest {

    @Test
    void aLineHasItsCellsAndAnEnd() {
        assertThat(Csv.line("a", null, true, 7)).isEqualTo("a,,true,7\r\n");
        assertThat(Csv.line("a, b", "say \"so\"", "two\nlines", "a;b")).isEqualTo(
                "\"a, b\",\"say \"\"so\"\"\",\"two\nlines\",\"a;b\"\r\n");
    }

    @ParameterizedTest
    @ValueSource(strings = { "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\uff1d1", "\uff0b1", "\uff0d1",
            "\uff20a" })
    void whatASpreadsheetWouldTakeForAFormulaIsText(String formula) {
        assertThat(Csv.line(formula).replace("\"", "")).startsWith("'" + formula.charAt(0));
        assertThat(Csv.line("name " + formula).replace("\"", "")).startsWith("name ");
    }
}
