//! Messages of Amazon SNS, and the alarms of CloudWatch in them.

use serde::Deserialize;
use serde_json::Value;

use super::AlertBody;
use crate::{domain::alert::Heard, wire::Stamp};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
pub enum SnsKind {
    Notification,
    SubscriptionConfirmation,
    UnsubscribeConfirmation,
}

impl SnsKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Notification => "Notification",
            Self::SubscriptionConfirmation => "SubscriptionConfirmation",
            Self::UnsubscribeConfirmation => "UnsubscribeConfirmation",
        }
    }
}

/// A message of Amazon SNS, as it posts it to https subscribers.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "PascalCase")]
pub struct SnsBody {
    #[serde(rename = "Type")]
    pub kind: SnsKind,
    #[schema(max_length = 200)]
    pub message_id: String,
    #[schema(max_length = 500)]
    pub topic_arn: String,
    pub message: String,
    pub timestamp: String,
    pub subject: Option<String>,
    #[schema(max_length = 4000)]
    pub token: Option<String>,
    /// `1` (SHA-1) or `2` (SHA-256), as the topic's attribute SignatureVersion says.
    pub signature_version: String,
    #[schema(max_length = 4000)]
    pub signature: String,
    #[serde(rename = "SigningCertURL")]
    #[schema(max_length = 2000)]
    pub signing_cert_url: String,
    #[serde(rename = "SubscribeURL")]
    #[schema(max_length = 4000)]
    pub subscribe_url: Option<String>,
}

impl SnsBody {
    /// What is signed: names and values, each in a line of its own, in an order that depends on the
    /// kind of message.
    pub fn signed(&self) -> String {
        let (kind, id, at) = (self.kind.as_str(), self.message_id.as_str(), self.timestamp.as_str());
        let notified = self.kind == SnsKind::Notification;
        let subject = self.subject.as_deref().filter(|_| notified).map(|subject| ("Subject", subject));
        let subscribe = self.subscribe_url.as_deref().filter(|_| !notified).map(|url| ("SubscribeURL", url));
        let token = self.token.as_deref().filter(|_| !notified).map(|token| ("Token", token));
        let lines = [
            Some(("Message", self.message.as_str())),
            Some(("MessageId", id)),
            subject,
            subscribe,
            Some(("Timestamp", at)),
            token,
            Some(("TopicArn", self.topic_arn.as_str())),
            Some(("Type", kind)),
        ];
        lines.into_iter().flatten().map(|(name, value)| format!("{name}\n{value}\n")).collect()
    }

    /// When it was sent.
    pub fn sent_at(&self) -> Option<chrono::DateTime<chrono::Utc>> {
        serde_json::from_value::<Stamp>(self.timestamp.as_str().into()).ok().map(Stamp::instant)
    }

    /// An alarm of CloudWatch, or an alert in our own words. Anything else is passed over.
    pub fn heard(&self) -> Option<Heard> {
        let message: Value = serde_json::from_str(&self.message).ok()?;
        let Some(name) = message["AlarmName"].as_str() else {
            return Some(serde_json::from_value::<AlertBody>(message).ok()?.heard());
        };
        let firing = match message["NewStateValue"].as_str()? {
            "ALARM" => true,
            "OK" => false,
            // Too little is known for either.
            _ => return None,
        };
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let trigger = &message["Trigger"];
        let own = [
            ("alarm_name", text(&message["AlarmName"])),
            ("account", text(&message["AWSAccountId"])),
            ("region", text(&message["Region"])),
            ("namespace", text(&trigger["Namespace"])),
            ("metric", text(&trigger["MetricName"])),
            ("topic", Some(self.topic_arn.clone())),
        ];
        let own = own.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        let dimensions = trigger["Dimensions"].as_array().into_iter().flatten();
        let dimensions = dimensions.filter_map(|one| Some((text(&one["name"])?, text(&one["value"])?)));
        let summary = message["AlarmDescription"].as_str().filter(|text| !text.is_empty()).unwrap_or(name);
        let fingerprint = message["AlarmArn"].as_str().unwrap_or(name);
        Some(Heard::new(Some(fingerprint), firing, dimensions.chain(own), summary))
    }
}
