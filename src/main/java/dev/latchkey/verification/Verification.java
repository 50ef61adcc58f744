package dev.latchkey.verification;

/** What became of a credential: accepted, or rejected for one of a closed set of reasons. */
public sealed interface Verification permits VerifiedToken, VerifiedSession, Rejection, RateLimited {
}
