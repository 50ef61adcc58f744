package dev.latchkey.audit;

import java.time.Instant;
import java.util.UUID;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;

import org.hibernate.annotations.Immutable;

import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;

/** What was written down of something that happened. Only read: {@link EventLog} writes. */
@Entity
@Immutable
@Table(name = "event_log")
public class LoggedEvent extends PanacheEntityBase {

    @Id
    public UUID id;
    public UUID accountId;
    public String action;
    public String resource;
    public UUID resourceId;
    /** A JSON array of {@code {field, old, new}}, read as text. */
    public String changes;
    public UUID userId;
    public String credentialType;
    public UUID credentialId;
    public String ipAddress;
    public String userAgent;
    public String requestId;
    public Instant createdAt;
}
