/** The event log: what happened, by whom. */
package dev.latchkey.audit;
