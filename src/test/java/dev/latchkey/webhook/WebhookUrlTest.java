package dev.latchkey.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which URLs a webhook may have; WebhookIT has what the API says of those that it refuses. */
class WebhookUrlTest {

    private final AddressGuard guard = new AddressGuard(List.of());
    private final WebhookUrl urls = new WebhookUrl(false, guard);

    @ParameterizedTest
    @ValueSource(strings = { "https://hooks.example.com", "HTTPS://hooks.example.com:8443/a?b=c", "https://1.1.1.1/",
            "https://[2606:4700::1111]:443/x", "https://xn--bcher-kva.example/", "https://hooks.example.com./",
            "https://3com.example/" })
    void publicOnesAreTakenAsTheyAre(String url) {
        assertThat(urls.check(" " + url + " ")).isEqualTo(url);
    }

    @ParameterizedTest
    @ValueSource(strings = { "http://hooks.example.com", "https://localhost", "https://LOCALHOST.:8443", "https://a.localhost",
            "https://[fe80::1%25eth0]/", "https://0177.0.0.1/", "https://10.0.0.1./", "https://@hooks.example.com",
            "https://:@hooks.example.com", "https://hooks.example.com:0", "//hooks.example.com", "https:hooks.example.com",
            "javascript:alert(1)", "file:///etc/passwd", "" })
    void othersAreRefused(String url) {
        assertThatThrownBy(() -> urls.check(url)).hasMessageStartingWith("url: ");
    }

    @Test
    void theOperatorAllowsMore() {
        WebhookUrl wider = new WebhookUrl(true, new AddressGuard(List.of("127.0.0.0/8")));
        assertThat(List.of("http://hooks.example.com", "http://localhost:8080", "http://127.0.0.1"))
                .allSatisfy(url -> assertThat(wider.check(url)).isEqualTo(url));
        assertThatThrownBy(() -> wider.check("http://10.0.0.1")).hasMessageContaining("private");
    }

    @ParameterizedTest
    @CsvSource({ "https://hooks.example.com/secret?key=1, https://hooks.example.com/…",
            "https://[::1]:8443/secret, https://[::1]:8443/…" })
    void whoReadsTheLogSeesNoPath(String url, String origin) {
        assertThat(WebhookUrl.origin(url)).isEqualTo(origin);
    }
}
