package dev.latchkey.gateway.door;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;

import dev.latchkey.gateway.Decision;
import dev.latchkey.gateway.Decision.Allowed;
import dev.latchkey.gateway.Decision.Refused;
import dev.latchkey.gateway.DecisionMetrics;
import dev.latchkey.gateway.Gateway;
import dev.latchkey.gateway.RequestLine;
import dev.latchkey.gateway.UpstreamHeaders;
import dev.latchkey.platform.AddressRange;
import dev.latchkey.platform.http.RateLimitHeaders;
import dev.latchkey.verification.RequestFacts;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption.HeaderAppendAction;
import io.envoyproxy.envoy.service.auth.v3.AttributeContext;
import io.envoyproxy.envoy.service.auth.v3.AuthorizationGrpc;
import io.envoyproxy.envoy.service.auth.v3.CheckRequest;
import io.envoyproxy.envoy.service.auth.v3.CheckResponse;
import io.envoyproxy.envoy.service.auth.v3.DeniedHttpResponse;
import io.envoyproxy.envoy.service.auth.v3.OkHttpResponse;
import io.envoyproxy.envoy.type.v3.HttpStatus;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.vertx.core.MultiMap;
import io.vertx.grpc.server.GrpcServer;
import io.vertx.grpc.server.GrpcServerRequest;

/**
 * {@code envoy.service.auth.v3.Authorization/Check}: Envoy's {@code ext_authz} over gRPC, which Istio, Contour and Gloo speak
 * too. The whole request is in the message; unlike all other doors Envoy removes headers when told to.
 */
final class EnvoyGrpcDoor {

    static final String PATH = "/" + AuthorizationGrpc.SERVICE_NAME + "/Check";

    private static final String AUTHORIZATION = "authorization";
    /** The generated one reads a message of unknown length through a buffer of 4 KiB. */
    private static final MethodDescriptor<CheckRequest, CheckResponse> CHECK = AuthorizationGrpc.getCheckMethod()
            .toBuilder(new CheckMarshaller(), AuthorizationGrpc.getCheckMethod().getResponseMarshaller()).build();
    /** Envoy takes everything but OK for a refusal, and answers what the message says (google.rpc.Code). */
    private static final com.google.rpc.Status PERMISSION_DENIED = com.google.rpc.Status.newBuilder()
            .setCode(Status.Code.PERMISSION_DENIED.value()).build();
    private static final com.google.rpc.Status OK = com.google.rpc.Status.getDefaultInstance();

    private static final class CheckMarshaller implements MethodDescriptor.Marshaller<CheckRequest> {

        @Override
        public InputStream stream(CheckRequest check) {
            return new ByteArrayInputStream(check.toByteArray());
        }

        @Override
        public CheckRequest parse(InputStream message) {
            try {
                return CheckRequest.parseFrom(message.readAllBytes());
            } catch (IOException e) {
                throw Status.INTERNAL.withDescription("the message is no CheckRequest").withCause(e).asRuntimeException();
            }
        }
    }

    private final Gateway gateway;
    private final DecisionMetrics.OfDoor metrics;

    EnvoyGrpcDoor(Gateway gateway, DecisionMetrics metrics) {
        this.gateway = gateway;
        this.metrics = metrics.of("envoy-grpc");
    }

    void addTo(GrpcServer server) {
        server.callHandler(CHECK, call -> call.handler(check -> judge(check, call)));
    }

    private void judge(CheckRequest check, GrpcServerRequest<CheckRequest, CheckResponse> call) {
        AttributeContext.HttpRequest http = check.getAttributes().getRequest().getHttp();
        Map<String, String> headers = http.getHeadersMap();
        String address = address(check.getAttributes().getSource());
        if (http.getMethod().isEmpty() || http.getPath().isEmpty()) {
            answer(call, Refused.badRequest(
                    "attributes.request.http." + (http.getMethod().isEmpty() ? "method" : "path"), "is missing"), headers);
            return;
        }
        if (headers.isEmpty() && http.hasHeaderMap()) {
            answer(call, Refused.badRequest("attributes.request.http.headers",
                    "are missing: Envoy's ext_authz must not set encode_raw_headers"), headers);
            return;
        }
        // Envoy joins what is repeated with commas, which no credential has.
        String authorization = headers.get(AUTHORIZATION);
        gateway.decide(new RequestLine(http.getMethod(), http.getPath(),
                authorization == null ? List.of() : List.of(authorization),
                // What could be taken for ours is removed with the answer.
                new UpstreamHeaders.Misleading(UpstreamHeaders.findMisleading(headers.entrySet(), "").overrides(), List.of()),
                new RequestFacts(address), RequestLine.Form.AS_SENT), decision -> answer(call, decision, headers));
    }

    /** Of whoever is connected to Envoy, or whom Envoy trusts to name another (its {@code use_remote_address}). */
    private static String address(AttributeContext.Peer source) {
        return AddressRange.canonicalAddress(source.getAddress().getSocketAddress().getAddress()).orElse("unknown");
    }

    private void answer(GrpcServerRequest<CheckRequest, CheckResponse> call, Decision decision, Map<String, String> headers) {
        metrics.count(decision);
        call.response().end(decision instanceof Allowed allowed ? ok(allowed, headers) : denied((Refused) decision));
    }

    private static CheckResponse ok(Allowed allowed, Map<String, String> headers) {
        OkHttpResponse.Builder ok = OkHttpResponse.newBuilder();
        UpstreamHeaders.each(allowed, (name, value) -> ok.addHeaders(option(name.toString(), value)));
        allowed.authorization().ifPresentOrElse(value -> ok.addHeaders(option(AUTHORIZATION, value)),
                () -> ok.addHeadersToRemove(AUTHORIZATION));
        allowed.rate().ifPresent(rate -> ok
                .addResponseHeadersToAdd(added(RateLimitHeaders.POLICY.toString(), RateLimitHeaders.policy(rate.limit())))
                .addResponseHeadersToAdd(added(RateLimitHeaders.STATUS.toString(), RateLimitHeaders.remaining(rate))));
        for (String name : headers.keySet()) {
            if (UpstreamHeaders.isOurs(name) && !UpstreamHeaders.isReplaced(name)) {
                ok.addHeadersToRemove(name);
            }
        }
        return CheckResponse.newBuilder().setStatus(OK).setOkResponse(ok).build();
    }

    private static CheckResponse denied(Refused refused) {
        MultiMap headers = MultiMap.caseInsensitiveMultiMap();
        DoorAnswer.setRefusal(headers, refused);
        DeniedHttpResponse.Builder denied = DeniedHttpResponse.newBuilder()
                .setStatus(HttpStatus.newBuilder().setCodeValue(refused.status())).setBody(refused.body());
        headers.forEach((name, value) -> denied.addHeaders(option(name, value)));
        return CheckResponse.newBuilder().setStatus(PERMISSION_DENIED).setDeniedResponse(denied).build();
    }

    private static HeaderValueOption added(String name, String value) {
        return HeaderValueOption.newBuilder().setHeader(HeaderValue.newBuilder().setKey(name).setValue(value))
                .setAppendAction(HeaderAppendAction.APPEND_IF_EXISTS_OR_ADD).build();
    }

    private static HeaderValueOption option(String name, String value) {
        return HeaderValueOption.newBuilder().setHeader(HeaderValue.newBuilder().setKey(name).setValue(value))
                .setAppendAction(HeaderAppendAction.OVERWRITE_IF_EXISTS_OR_ADD).build();
    }
}
