/** When, from where and how often each token is used. */
package dev.latchkey.usage;
