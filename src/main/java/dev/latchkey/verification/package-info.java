/**
 * "May this credential be used, and as what?", answered at the speed of memory, and never later than two seconds
 * after the answer changed. This package knows tokens and sessions, and nothing of HTTP or SQL: what it needs from
 * outside are a {@link dev.latchkey.verification.CredentialLookup} that asks the source and somebody who calls the
 * {@link dev.latchkey.verification.ChangeListener}.
 *
 * <h2>The way of a question</h2>
 * {@link dev.latchkey.verification.TokenVerifier#recall} looks for the digest in a cache of records. A record is
 * not a decision: expiry, the end of a grace period and the client's address are judged at each use. If there is no
 * record, or it may not be used, the source is asked; whoever asks for the same digest meanwhile waits for the same
 * answer.
 *
 * <h2>Why a lease</h2>
 * A cache that learns of changes has one weakness: silence. It cannot tell "nothing changed" from "nobody can reach
 * me". Peers bound that with a time to live, of seconds to minutes, for which a revoked credential lives on; or ask
 * the source each time. Here a cached record may be used only while there is fresh evidence that changes are heard:
 * heartbeats that travel the same way as the changes, in the same order. A heartbeat that was heard proves that
 * every change which was committed before it was <em>sent</em> was heard, too. So a {@link
 * dev.latchkey.verification.Lease} ends its duration after the newest heard heartbeat was sent, by one monotonic
 * clock, the sender's, which is this process; when it was heard plays no part. While the lease is held, what is not
 * known is at most as old as the lease.
 * <p>
 * Without a lease nothing is wrong: every answer is asked for, as in a service without a cache. What cannot be
 * asked is refused.
 *
 * <h2>The bound</h2>
 * Let a change be committed at time zero. A decision at time t that does not know of it was made
 * <ul>
 * <li>from memory, under a lease: the newest evidence was sent before zero, so t is less than the lease's duration,
 * which is 1 s on a server and at most {@link dev.latchkey.verification.Lease#LONGEST} anywhere; or</li>
 * <li>from an answer of the source, whose question was sent before zero: an answer that is older than
 * {@link dev.latchkey.verification.Lease#LONGEST} when it arrives is not used, so t is less than that.</li>
 * </ul>
 * The rest up to two seconds is for whatever happens to a decision afterwards. The monotonic clock must go on while
 * the process is stopped, as Linux's does for a stopped process or container; it does not while the whole machine
 * is suspended, and then the bound is counted in the machine's time.
 *
 * <h2>The races, and what closes each</h2>
 * {@code src/test/race-lines} takes away each of these lines in turn and shows that the tests notice.
 * <ol>
 * <li><b>An answer on its way is overtaken by its invalidation.</b> The source read before the change, the message
 * came, then the answer. Each answer is stamped with the position of the {@link
 * dev.latchkey.verification.InvalidationLog} from before its question was sent, and is compared with what came
 * since: when it arrives, and at each use.</li>
 * <li><b>Invalidation between the check and the insertion into the cache.</b> Cannot happen: an invalidation takes
 * nothing out, so there is nothing to come too late for. An entry that is stale when it enters is found stale at
 * its first use.</li>
 * <li><b>The log forgot.</b> It is bounded. An answer that is older than its oldest entry is stale, whatever it
 * says.</li>
 * <li><b>The feed was away.</b> What happened meanwhile is not heard. A new connection makes every answer stale
 * that was asked for before it stood, those on their way included.</li>
 * <li><b>A burst of old heartbeats.</b> They were sent long ago, and renew nothing.</li>
 * <li><b>The process was stopped</b>, with an answer in a socket's buffer. The lease has ended, by the clock; the answer
 * is too old. A decision that was made, and not yet given, when the process was stopped stands, like an answer that is
 * on its way to the client. The lease is looked at before the log: held then, and nothing heard until later, means
 * true then.</li>
 * <li><b>Two readers of the log, one appending.</b> An entry is in the map before the head says so, and the floor
 * has passed it before it leaves the map; readers look in the opposite order. Whoever errs, errs to asking once
 * more.</li>
 * <li><b>This process changes something itself</b> and its own message is still on its way: it tells the log before it
 * answers ({@code platform.Committed}). If it changes a role that another process gave to a user a moment ago, what is
 * cached for that user still names the former role until the message about that arrives.</li>
 * <li><b>A lookup is answered by a former primary</b>, after the feed moved to its successor: the connections of
 * lookups are cut before the feed counts as standing ({@code database.PostgresChangeFeed}).</li>
 * </ol>
 *
 * <h2>Those who are told</h2>
 * Whoever passes changes on follows the {@link dev.latchkey.verification.ChangeSource}. A server tells its sidecars
 * ({@code dev.latchkey.sidecar}); for each change, in this order: this process's log forgets; the followers are told, on the
 * feed's thread; and only then can evidence count that was sent after the change. So evidence that anybody reads here covers
 * nothing that the followers were not told, and nobody who is told can be taught the same again from this process's memory.
 * A sidecar has the same lease, whose evidence is dated from end to end: the moment at which it sent a nonce, less the age
 * that the server's own evidence had when the server read it.
 *
 * <h2>Garbage is cheap</h2>
 * What is not well-formed never gets here. What is, and does not exist, goes to a cache of its own, for a second,
 * so that it evicts nothing that exists; gets half of the lookups at most ({@link
 * dev.latchkey.verification.LookupSlots}); and is counted against its address. No exception is thrown for it.
 *
 * <h2>What was rejected</h2>
 * <ul>
 * <li><b>Removing entries on invalidation</b>, with indexes from users, roles and accounts to entries. Needs a lock
 * or a version for each key to close races 1 and 2, and two to three times the memory. The log needs neither, and
 * one message about an account with a million cached tokens costs as much as one about a token.</li>
 * <li><b>A time to live</b> as the bound: either long enough to matter or short enough to hurt.</li>
 * <li><b>Polling</b> a table of changes: a query for each server each 50 ms, for the same delay.</li>
 * <li><b>Dating evidence when it is heard</b>: a stalled connection that releases ten seconds of heartbeats would
 * renew the lease ten seconds late.</li>
 * <li><b>Asking the database for the time</b> of a heartbeat: two clocks that need not agree.</li>
 * <li><b>Redis, or another bus</b>: a second thing to run, and its messages are not in the order of the database's
 * commits.</li>
 * <li><b>Logical replication</b> as the feed: needs a slot for each server, and keeps the database's log while a
 * server is away.</li>
 * <li><b>Signed tokens</b>: cannot be revoked.</li>
 * </ul>
 */
package dev.latchkey.verification;
