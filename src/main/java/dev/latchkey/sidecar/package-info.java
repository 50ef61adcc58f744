/**
 * Both ends of {@code /internal}: how a sidecar, which has no database, verifies tokens as a server does.
 *
 * <h2>Lookups</h2>
 * {@code POST /internal/lookup} carries digests, never tokens. A server answers from the database, never from its cache
 * ({@link dev.latchkey.sidecar.LookupDoor}): what it does not know to be stale yet it cannot pass on. The sidecar asks the
 * server that has its stream; if that does not answer, another ({@link dev.latchkey.sidecar.ServerLookup}).
 *
 * <h2>Identities</h2>
 * Servers sign; a sidecar has no key. {@code POST /internal/identity} names a digest and an audience, and what is signed is
 * what the database says of the token ({@link dev.latchkey.sidecar.IdentityDoor}).
 *
 * <h2>Changes</h2>
 * {@code /internal/changes} is a WebSocket ({@link dev.latchkey.sidecar.StreamMessage}). Nonces go up; down come, in one
 * order, the changes of the client's account and an echo of each nonce with the age of the server's own evidence. The
 * sidecar's evidence is dated the moment at which it sent the nonce, minus that age: whatever was committed before then
 * was heard by the server, and was written to the stream before the echo. So the lease of {@code verification} holds from
 * end to end, by two clocks of which each only measures its own durations, and what is held back on its way is old when it
 * arrives.
 *
 * <h2>The races, and what closes each</h2>
 * <ol>
 * <li><b>A server teaches what it was told to forget.</b> Its own cache forgets before any stream is written to
 * ({@code FeedState}), and a lookup is not answered from it anyway.</li>
 * <li><b>An echo overtakes a change.</b> The feed's thread queues a change on the stream's event loop and then renews the
 * evidence; an echo that is being written on that event loop could carry the new evidence in front of the queued change.
 * {@link dev.latchkey.sidecar.SidecarStream} reads the age first, and then queues the echo behind whatever was queued
 * before.</li>
 * <li><b>A change falls between the connection and its registration.</b> A stream begins, for the sidecar, not when it is
 * connected but when the server says hello, which it does after it was registered. Only what is asked from then on may be
 * used from memory.</li>
 * <li><b>A stream was away.</b> What happened meanwhile is not heard: each new stream makes every answer stale that was asked
 * for before, like a server's new feed.</li>
 * <li><b>A server's feed was away.</b> When it stands again, the streams are told that everything may have changed, before
 * any echo carries an age again.</li>
 * <li><b>A late message of a former stream</b> is ignored, by identity.</li>
 * <li><b>Another server answers a lookup, from a former primary</b>, isolated from the one at which the stream's server
 * listens. An answer of a server that is not the stream's own and has no lease itself is used once and then
 * forgotten.</li>
 * </ol>
 *
 * <h2>What was rejected</h2>
 * <ul>
 * <li><b>A stream for each change of server in advance</b>, two at a time: which of both orders counts would have to be
 * decided for each message. A new stream takes some milliseconds, and meanwhile lookups work.</li>
 * <li><b>Evidence that a server sends by itself</b>: dated by the sidecar's clock it would be dated when it was heard.</li>
 * </ul>
 */
package dev.latchkey.sidecar;
