/**
 * What became of the requests with an account's tokens, and what tokens there are. {@code usage} writes what is read here.
 */
package dev.latchkey.analytics;
