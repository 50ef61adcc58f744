package dev.latchkey.account;

import jakarta.annotation.security.RolesAllowed;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;

import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

import dev.latchkey.platform.Credentials;
import dev.latchkey.platform.CurrentRequest;
import io.smallrye.mutiny.Uni;

/** What people change of themselves, in a session: no token does. */
@Path("/v3/me")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@RolesAllowed(Credentials.SESSION)
@SecurityRequirement(name = "session")
@SecurityRequirement(name = "sessionCookie")
@Tag(name = "Me")
public class ProfileResource {

    private final CurrentRequest request;
    private final Profile profile;

    public ProfileResource(CurrentRequest request, Profile profile) {
        this.request = request;
        this.profile = profile;
    }

    @PATCH
    @Operation(operationId = "changeMe", summary = "Change my profile", description = "Another e-mail address needs the current password.")
    @APIResponse(responseCode = "204", description = "Changed")
    public Uni<Void> change(@NotNull(message = UserRequests.MISSING_BODY) @Valid MeRequests.Change body) {
        return profile.change(request, body);
    }

    @POST
    @Path("password")
    @Operation(operationId = "changeOwnPassword", summary = "Change my password", description = "The other sessions end. Throttled like a sign-in.")
    @APIResponse(responseCode = "204", description = "Changed")
    @APIResponse(responseCode = "429", ref = "TooManyRequests")
    public Uni<Void> changePassword(@NotNull(message = UserRequests.MISSING_BODY) @Valid MeRequests.ChangePassword body) {
        return profile.changePassword(request, body);
    }

    @POST
    @Path("2fa-secret")
    @Operation(operationId = "createTwoFactorSecret", summary = "Begin two-factor authentication", description = "A secret for an authenticator "
            + "application (RFC 6238), shown once. It counts once a code of it was shown to enable-2fa.")
    public Uni<TwoFactor.Secret> secret(@NotNull(message = UserRequests.MISSING_BODY) @Valid MeRequests.PasswordProof body) {
        return profile.prepareTwoFactor(request, body.currentPassword());
    }

    @POST
    @Path("enable-2fa")
    @Operation(operationId = "enableTwoFactor", summary = "Switch two-factor authentication on", description = "The answer has recovery codes, shown "
            + "once: each lets you in once without the device.")
    public Uni<TwoFactor.RecoveryCodes> enable(
            @NotNull(message = UserRequests.MISSING_BODY) @Valid MeRequests.TwoFactorProof body) {
        return profile.enableTwoFactor(request, body);
    }

    @POST
    @Path("2fa-recovery-codes")
    @Operation(operationId = "renewRecoveryCodes", summary = "Get new recovery codes", description = "Those from before are void.")
    public Uni<TwoFactor.RecoveryCodes> recoveryCodes(
            @NotNull(message = UserRequests.MISSING_BODY) @Valid MeRequests.TwoFactorProof body) {
        return profile.renewRecoveryCodes(request, body);
    }

    @POST
    @Path("disable-2fa")
    @Operation(operationId = "disableTwoFactor", summary = "Switch two-factor authentication off")
    @APIResponse(responseCode = "204", description = "Off")
    public Uni<Void> disable(@NotNull(message = UserRequests.MISSING_BODY) @Valid MeRequests.TwoFactorProof body) {
        return profile.disableTwoFactor(request, body);
    }
}
