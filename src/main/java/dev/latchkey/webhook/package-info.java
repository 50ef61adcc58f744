/**
 * Webhooks: telling others by HTTP what happened, at least once, in order, and without harm to anybody.
 * <p>
 * <b>Nothing is lost.</b> A feature announces what happened inside its transaction
 * ({@link dev.latchkey.platform.Announcement}); {@link dev.latchkey.webhook.Outbox} writes one row of
 * {@code webhook_event_log} for each webhook that wants to know, in the same transaction: neither is without the other.
 * Whatever
 * dies afterwards, the row is there, {@code pending}, until a server has delivered it or given it up in plain sight.
 * <p>
 * <b>In order for each resource.</b> The unit of work is the <i>lane</i>, {@code webhook_lane}: one webhook and one resource of
 * which something is pending. A server claims lanes, never events, and sends a lane's events one after the other, oldest first;
 * so only the oldest undelivered event of a pair can be under way, and a failing one holds back its own lane only. Whoever adds
 * an event locks its lane until the commit and draws the event's number under that lock: numbers follow commits.
 * <p>
 * <b>By any server.</b> A claim ({@link dev.latchkey.webhook.DeliveryQueue}) is a short statement with
 * {@code FOR UPDATE SKIP LOCKED} that moves {@code due_at} into the future and marks the lane; no transaction is open during
 * HTTP.
 * If the server dies, the lane is due again when the claim's time is over. A server begins no request that could last until
 * then ({@link dev.latchkey.webhook.Deliveries}). A server that was stopped for longer than its claim in the middle of a
 * request may
 * send
 * an event that another one sends, too: that is what "at least once" means, and the receiver has {@code webhook-id} to tell.
 * <p>
 * <b>A lane goes when it is empty</b>, and must not while somebody adds to it. It carries the number of its newest event; it is
 * deleted only under its lock, and only if that newest event is settled. Whoever waits for the lock to add an event then finds
 * no
 * lane, and makes one. Settling never waits for a lane's lock ({@code SKIP LOCKED}, and again later), so it neither waits for a
 * slow transaction nor meets another in a circle.
 * <p>
 * <b>One's trouble is not another's.</b> Claims go round over the webhooks; each may have a few requests under way, and all
 * that were slow lately share half of a server's: see {@link dev.latchkey.webhook.DeliverySlots}.
 * <p>
 * <b>Rejected.</b> Claiming events themselves ("the oldest of each pair") reads over everything that waits behind a failing
 * endpoint, at each claim. NOTIFY to wake the servers serialises all commits that notify. One worker for each webhook needs
 * a leader for each.
 */
package dev.latchkey.webhook;
