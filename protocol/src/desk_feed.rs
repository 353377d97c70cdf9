//! The fold of the feed's view `desk`: a state and an event give the next state. The server makes its
//! own state with it, so a snapshot is what every client that applied the frames holds.

use serde_json::Value;

/// Lists of the state, the fields of an event that change them, and the field that orders them.
const LISTS: [(&str, &[&str], &str); 3] =
    [("lines", &["lines"], "id"), ("windows", &["window", "windows"], "number"), ("tickets", &["ticket"], "id")];

/// Applies an event: whole objects replace those with their id, `gone` names tickets that are no longer
/// listed. Lists stay in order: windows by number, everything else by id.
pub fn fold_desk(state: &mut Value, event: &Value) {
    for (list, fields, order) in LISTS {
        for field in fields {
            let items = match event.get(field) {
                Some(Value::Array(items)) => items.as_slice(),
                Some(item @ Value::Object(_)) => std::slice::from_ref(item),
                _ => continue,
            };
            let Some(Value::Array(known)) = state.get_mut(list) else { continue };
            items.iter().for_each(|item| put(known, item, order));
        }
    }
    if let (Some(Value::Array(gone)), Some(Value::Array(tickets))) = (event.get("gone"), state.get_mut("tickets")) {
        tickets.retain(|ticket| !gone.contains(&ticket["id"]));
    }
}

fn put(list: &mut Vec<Value>, item: &Value, order: &str) {
    match list.iter_mut().rev().find(|known| known["id"] == item["id"]) {
        Some(known) => known.clone_from(item),
        None => {
            let place = list.partition_point(|known| before(&known[order], &item[order]));
            list.insert(place, item.clone());
        }
    }
}

fn before(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_u64() < b.as_u64(),
        (Value::String(a), Value::String(b)) => a < b,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn objects_replace_those_with_their_id_in_order_and_go_when_named() {
        let mut state = json!({
            "lines": [{ "id": "l_1", "waiting": 0 }],
            "windows": [{ "id": "w_2", "number": 2 }, { "id": "w_10", "number": 10 }],
            "tickets": [{ "id": "t_1", "state": "waiting" }, { "id": "t_3", "state": "done" }],
        });
        let event = json!({
            "type": "ticket_issued", "ticket": { "id": "t_2", "state": "waiting" }, "window": { "id": "w_9", "number": 9 },
            "lines": [{ "id": "l_1", "waiting": 1 }], "gone": ["t_3"],
        });
        fold_desk(&mut state, &event);
        let windows = json!([{ "id": "w_2", "number": 2 }, { "id": "w_9", "number": 9 }, { "id": "w_10", "number": 10 }]);
        assert_eq!(state["windows"], windows);
        assert_eq!(state["tickets"], json!([{ "id": "t_1", "state": "waiting" }, { "id": "t_2", "state": "waiting" }]));
        assert_eq!(state["lines"], json!([{ "id": "l_1", "waiting": 1 }]));
    }
}
