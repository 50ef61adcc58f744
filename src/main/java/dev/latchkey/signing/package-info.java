/**
 * The keys with which servers sign what others verify: a request's identity for an upstream, and the JWTs that
 * tokens are exchanged for. Each purpose has its own key, issuer and type, so that the one is never taken for the
 * other, and neither for a person's session, whose key ({@code security.SessionTokens}) is published nowhere.
 *
 * <h2>The life of a key</h2>
 * {@code latchkey keys rotate} retires the current key of a purpose and makes another, in one transaction. Every
 * server reads the keys from the database every {@link dev.latchkey.signing.SigningKeys#RELOAD_SECONDS} seconds,
 * and publishes a key from then on. It signs with a key only when that has been in the database for {@link
 * dev.latchkey.signing.SigningKeys#PUBLISHED twice as long}, by the database's clock, or when there is no other:
 * until then with the one before. So by the time anybody signs with a new key, every server that reaches the
 * database publishes it, and a verifier that meets an unknown {@code kid} finds it wherever it asks. A retired key
 * stays published for a day, far longer than what it signed is valid (15 minutes at most) and than caches keep a
 * key set; then it is left out, and deleted at the next rotation or start.
 * <p>
 * A server that cannot reach the database keeps the keys that it has. It cannot mislead anybody with them: what it
 * would sign needs a token that was verified, which needs the database, too.
 */
package dev.latchkey.signing;
