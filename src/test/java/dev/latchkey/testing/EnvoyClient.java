package dev.latchkey.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import dev.latchkey.testing.RawHttp.Answer;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.service.auth.v3.AttributeContext;
import io.envoyproxy.envoy.service.auth.v3.AuthorizationGrpc;
import io.envoyproxy.envoy.service.auth.v3.CheckRequest;
import io.envoyproxy.envoy.service.auth.v3.CheckResponse;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;

/** Asks as Envoy's ext_authz filter does over gRPC, and tells what Envoy would make of the answer. */
public final class EnvoyClient implements AutoCloseable {

    private final ManagedChannel channel;

    public EnvoyClient(int port) {
        this.channel = NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    }

    /** Headers that are to be removed are listed under the name {@code removed}; those for the client are among the others. */
    public Answer check(String method, String target, String... headers) {
        AttributeContext.HttpRequest.Builder http = AttributeContext.HttpRequest.newBuilder().setMethod(method).setPath(target)
                .setHost("api.example").setScheme("http");
        for (String header : headers) {
            int colon = header.indexOf(':');
            // Envoy's names are in lower case, and repeated ones are joined.
            http.putHeaders(header.substring(0, colon).toLowerCase(Locale.ROOT), join(
                    http.getHeadersMap().get(header.substring(0, colon).toLowerCase(Locale.ROOT)),
                    header.substring(colon + 1).strip()));
        }
        CheckResponse response = AuthorizationGrpc.newBlockingStub(channel).withDeadlineAfter(10, TimeUnit.SECONDS)
                .check(CheckRequest.newBuilder().setAttributes(AttributeContext.newBuilder()
                        .setSource(AttributeContext.Peer.newBuilder().setAddress(Address.newBuilder()
                                .setSocketAddress(SocketAddress.newBuilder().setAddress("192.0.2.7").setPortValue(4711))))
                        .setRequest(AttributeContext.Request.newBuilder().setHttp(http))).build());
        if (response.getStatus().getCode() == 0) {
            List<Map.Entry<String, String>> answer = entries(response.getOkResponse().getHeadersList());
            answer.addAll(entries(response.getOkResponse().getResponseHeadersToAddList()));
            response.getOkResponse().getHeadersToRemoveList().forEach(name -> answer.add(Map.entry("removed", name)));
            return new Answer(200, answer, "");
        }
        return new Answer(response.getDeniedResponse().getStatus().getCodeValue(),
                entries(response.getDeniedResponse().getHeadersList()), response.getDeniedResponse().getBody());
    }

    private static String join(String before, String value) {
        return before == null ? value : before + "," + value;
    }

    private static List<Map.Entry<String, String>> entries(List<HeaderValueOption> options) {
        List<Map.Entry<String, String>> entries = new ArrayList<>();
        options.forEach(option -> entries.add(Map.entry(option.getHeader().getKey(), option.getHeader().getValue())));
        return entries;
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
