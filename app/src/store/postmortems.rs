//! Postmortems: written as a draft, published, taken back.

use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};
use serde_json::json;

use super::{
    Change, Result, StoreError, change::Notice, component_changes::expect, entity::incidents, view::Include,
};
use crate::domain::{
    Id,
    incident::{IncidentStatus, Kind},
};

impl Change {
    /// Writes the draft of an incident's postmortem; visitors see nothing of it.
    pub async fn draft_postmortem(&mut self, id: &Id, expected: Option<i64>, body: String) -> Result<()> {
        let mut row = self.with_postmortem(id, expected).await?;
        row.postmortem_body_draft = Set(Some(body));
        row.postmortem_body_draft_updated_at = Set(Some(self.at));
        self.keep(id, row, "postmortem.draft").await
    }

    /// Shows the draft to visitors, and tells subscribers of it if that is wanted.
    pub async fn publish_postmortem(&mut self, id: &Id, expected: Option<i64>, notify: bool) -> Result<()> {
        let mut row = self.with_postmortem(id, expected).await?;
        let written = self.view().incident(id, Include::default()).await?;
        let none =
            || StoreError::Refused("body_draft: there is nothing to publish; write a draft first".into());
        let body = written.written.body_draft.clone().or(written.written.body.clone()).ok_or_else(none)?;
        if !written.incident.status.is_over() {
            return Err(StoreError::Refused(format!(
                "status: the incident is {}; a postmortem is published once it is resolved",
                written.incident.status.as_str()
            )));
        }
        row.postmortem_body = Set(Some(body));
        row.postmortem_body_updated_at = Set(Some(self.at));
        row.postmortem_published_at = Set(Some(written.written.published_at.unwrap_or(self.at)));
        row.status = Set(IncidentStatus::Postmortem.as_str().to_owned());
        row.postmortem_notified_subscribers = Set(notify || written.written.notified_subscribers);
        if notify {
            let payload = json!({ "incident_id": id });
            self.notify(Notice {
                event: "postmortem",
                incident_update_id: None,
                payload: Some(payload),
                deliver: true,
            });
        }
        self.keep(id, row, "postmortem.publish").await
    }

    /// Takes a published postmortem back; what it said becomes the draft again.
    pub async fn revert_postmortem(&mut self, id: &Id, expected: Option<i64>) -> Result<()> {
        let mut row = self.with_postmortem(id, expected).await?;
        let written = self.view().incident(id, Include::default()).await?.written;
        if written.published_at.is_none() {
            return Err(StoreError::NotFound(format!("published postmortem of incident {id}")));
        }
        row.postmortem_body_draft = Set(written.body_draft.or(written.body));
        row.postmortem_body = Set(None);
        row.postmortem_published_at = Set(None);
        row.status = Set(IncidentStatus::Resolved.as_str().to_owned());
        self.keep(id, row, "postmortem.revert").await
    }

    /// Deletes draft and publication.
    pub async fn delete_postmortem(&mut self, id: &Id, expected: Option<i64>) -> Result<()> {
        let mut row = self.with_postmortem(id, expected).await?;
        let record = self.view().incident(id, Include::default()).await?;
        if record.written.body.is_none() && record.written.body_draft.is_none() {
            return Err(StoreError::NotFound(format!("postmortem of incident {id}")));
        }
        row.postmortem_body = Set(None);
        row.postmortem_body_updated_at = Set(None);
        row.postmortem_body_draft = Set(None);
        row.postmortem_body_draft_updated_at = Set(None);
        row.postmortem_published_at = Set(None);
        if record.incident.status == IncidentStatus::Postmortem {
            row.status = Set(IncidentStatus::Resolved.as_str().to_owned());
        }
        self.keep(id, row, "postmortem.delete").await
    }

    async fn with_postmortem(&self, id: &Id, expected: Option<i64>) -> Result<incidents::ActiveModel> {
        let row = self.incident_of_page(id).await?;
        expect(row.version, expected, || format!("incident {id}"))?;
        if row.kind == Kind::Maintenance.as_str() {
            return Err(StoreError::Refused("incident_id: a maintenance has no postmortem".into()));
        }
        let version = row.version + 1;
        let mut row = row.into_active_model();
        row.version = Set(version);
        row.updated_at = Set(self.at);
        Ok(row)
    }

    async fn keep(&mut self, id: &Id, row: incidents::ActiveModel, action: &str) -> Result<()> {
        let before = self.view().incident(id, Include::default()).await?.written;
        row.update(self.transaction()).await?;
        let after = self.view().incident(id, Include::default()).await?.written;
        self.history = true;
        self.audit(action, "incident", id, Some(json!(before)), Some(json!(after)));
        Ok(())
    }
}
