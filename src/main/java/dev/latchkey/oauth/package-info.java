/**
 * OAuth 2 for those who speak it: resource servers ask about a token (RFC 7662), whoever holds a token ends it (RFC
 * 7009) or exchanges it for a JWT (RFC 8693), and clients find all that (RFC 8414). Errors here have the bodies
 * that OAuth gives them: {@code error} and {@code error_description}. What belongs to HTTP itself, such as 404, 405
 * and 413, stays as everywhere.
 */
package dev.latchkey.oauth;
