//! The sample keeps what the contract promises of it and what a visitor of the demo meets.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeSet;

use domain::case::CaseKind;
use domain::catalogue::{ApplicantKind, Query, found};
use domain::hall::{OpeningHours, Purpose};
use domain::ids::{LineId, MatterId, is_site_key};

use super::*;

fn site<'a>(district: &'a District, id: &str) -> &'a SampleSite {
    district.sites.iter().find(|site| site.id.as_str() == id).unwrap()
}

#[test]
fn the_sites_are_those_of_the_contract() {
    let district = district().unwrap();
    let ids: Vec<&str> = district.sites.iter().map(|site| site.id.as_str()).collect();
    for wanted in ["demo-district", "demo-center", "demo-sumu", "demo-partner"] {
        assert!(ids.contains(&wanted), "{wanted}");
    }
    for number in 1..=6 {
        assert!(ids.contains(&format!("demo-station-{number}").as_str()));
    }
    let count = |kind: SiteKind| district.sites.iter().filter(|site| site.kind == kind).count();
    assert_eq!([SiteKind::DistrictHall, SiteKind::Center, SiteKind::Station, SiteKind::PartnerPoint].map(count), [1, 3, 6, 1]);
    let keys: BTreeSet<&str> = district.sites.iter().map(|site| site.key.as_str()).collect();
    assert_eq!(keys.len(), district.sites.len());
    assert!(keys.iter().all(|key| is_site_key(key)));
    for (place, site) in district.sites.iter().enumerate() {
        let above = site.parent.as_ref().map(|parent| district.sites[..place].iter().any(|other| other.id == *parent));
        assert_eq!(above, (site.kind != SiteKind::DistrictHall).then_some(true), "{}", site.id);
    }
    assert!(district.notice.contains("样例"));
}

#[test]
fn the_demo_hall_is_open_and_has_its_windows_and_its_line() {
    let district = district().unwrap();
    let center = site(&district, "demo-center");
    let line = LineId::new("dc", "demo-line");
    assert_eq!(center.hall.hours, OpeningHours::RoundTheClock);
    let general: Vec<_> = center.hall.windows.iter().filter(|window| window.purpose == Purpose::General).collect();
    assert!(general.len() >= 6 && general.iter().all(|window| window.line_ids.first() == Some(&line)));
    assert_eq!(center.hall.windows.iter().filter(|window| window.purpose == Purpose::Issue).count(), 1);
    assert!(center.hall.lines.iter().all(|line| line.daily_contingent.is_none()));
    assert!(center.hall.policy.appointments.line(&line).is_some(), "it can be booked");
    for site in &district.sites {
        let lines: Vec<&LineId> = site.hall.lines.iter().map(|line| &line.id).collect();
        assert_eq!(site.hall.policy.appointments.faults(&lines), [], "{}", site.id);
    }
    for site in &district.sites {
        let lines: BTreeSet<&LineId> = site.hall.lines.iter().map(|line| &line.id).collect();
        let prefixes: BTreeSet<&str> = site.hall.lines.iter().map(|line| line.prefix.as_str()).collect();
        assert_eq!((lines.len(), prefixes.len()), (site.hall.lines.len(), site.hall.lines.len()));
        let served: BTreeSet<&LineId> = site.hall.windows.iter().flat_map(|window| &window.line_ids).collect();
        assert_eq!(served, lines, "{}: each line is served and each served line is there", site.id);
        let numbers: BTreeSet<u16> = site.hall.windows.iter().map(|window| window.number).collect();
        assert_eq!(numbers.len(), site.hall.windows.len());
        assert!(site.matters.iter().all(|sample| lines.contains(&sample.line_id)));
        assert!(site.line_texts.iter().all(|(line, _)| lines.contains(line)));
    }
}

#[test]
fn the_two_fixed_matters_are_as_the_contract_says() {
    let district = district().unwrap();
    let center = site(&district, "demo-center");
    let matter = |id: &str| &center.matters.iter().find(|sample| sample.matter.id.as_str() == id).unwrap().matter;
    let promised = matter("m_dc_demo-promised");
    assert_eq!((promised.case_kind, promised.promised_days), (CaseKind::Promised, 10));
    assert_eq!(promised.applicant_kinds, [ApplicantKind::Person]);
    assert!(promised.certificate.as_ref().unwrap().licence_type.is_some() && promised.takes_tolerant());
    let approver = district.staff.iter().find(|staff| staff.username == "approver1").unwrap();
    assert_eq!(approver.department_id.as_ref(), Some(&promised.department_id));
    assert!(approver.bases.iter().any(|basis| basis.department == promised.department_id));
    let instant = matter("m_dc_demo-instant");
    assert_eq!((instant.case_kind, instant.promised_days), (CaseKind::Instant, 0));
    assert!(promised.situations.is_empty() && instant.situations.is_empty(), "a case can be opened without choosing situations");
}

#[test]
fn every_matter_is_sound_and_written_for_people() {
    let district = district().unwrap();
    let center = site(&district, "demo-center");
    assert!(center.matters.len() >= 40, "{}", center.matters.len());
    for site in &district.sites {
        let codes: BTreeSet<&str> = site.matters.iter().map(|sample| sample.matter.code.as_str()).collect();
        let ids: BTreeSet<&str> = site.matters.iter().map(|sample| sample.matter.id.as_str()).collect();
        assert_eq!((codes.len(), ids.len()), (site.matters.len(), site.matters.len()), "{}", site.id);
        assert!(!site.matters.is_empty(), "{}", site.id);
        for SampleMatter { matter, .. } in &site.matters {
            assert_eq!(matter.faults(), vec![], "{}", matter.name);
            assert!(matter.materials.iter().any(|material| material.required), "{}", matter.name);
            assert!(matter.guide.contains("## 谁能办") && matter.guide.contains("样例数据"), "{}", matter.name);
            assert!(district.departments.iter().any(|department| department.id == matter.department_id));
            let ids = matter.materials.iter().map(|material| material.id.as_str());
            let ids: Vec<&str> =
                ids.chain(matter.situations.iter().flat_map(|question| &question.options).map(|option| option.id.as_str())).collect();
            assert!(ids.iter().all(|id| id.split('_').nth(2).is_some_and(|tail| tail.len() <= 48)), "{ids:?}");
        }
    }
    assert_eq!(center.bundles.len(), 3);
    let joint = &center.bundles[2].bundle;
    let of = |id: &MatterId| center.matters.iter().find(|sample| sample.matter.id == *id).map(|sample| &sample.matter.department_id);
    let departments: BTreeSet<_> = joint.matter_ids.iter().filter_map(of).collect();
    assert_eq!((departments.len(), joint.promised_days), (3, Some(10)), "three departments, one limit");
    assert!(joint.shared.iter().any(|shared| shared.name == "居民身份证" && shared.material_ids.len() > 1), "{:?}", joint.shared);
}

#[test]
fn people_find_what_they_mean() {
    let district = district().unwrap();
    let center = site(&district, "demo-center");
    for (typed, name) in [
        ("低保", "最低生活保障对象认定"),
        ("db", "最低生活保障对象认定"),
        ("宅基地", "农村村民宅基地使用审批"),
        ("zhaijidi", "农村村民宅基地使用审批"),
        ("砍树", "林木采伐许可（自留地、房前屋后零星林木除外）"),
        ("失业", "失业登记"),
        ("豆腐", "食品小作坊登记"),
        ("yibao", "城乡居民基本医疗保险参保登记"),
    ] {
        let matters = center.matters.iter().map(|sample| &sample.matter);
        let hits = found(matters, &Query::parse(typed).unwrap(), 5, |matter| matter.search_keys(), |a, b| a.name.cmp(&b.name));
        assert!(hits.iter().any(|matter| matter.name == name), "{typed}: {:?}", hits.iter().map(|matter| &matter.name).collect::<Vec<_>>());
    }
}

#[test]
fn the_accounts_are_those_of_the_contract() {
    let district = district().unwrap();
    let names: BTreeSet<&str> = district.staff.iter().map(|staff| staff.username.as_str()).collect();
    assert_eq!(names.len(), district.staff.len());
    for (username, home) in
        "guide1 clerk1 clerk2 clerk3 clerk4 clerk5 clerk6 approver1 approver2 leader1 issuer helper1 supervisor it auditor"
            .split(' ')
            .map(|name| (name, "demo-center"))
            .chain([("district", "demo-district"), ("admin", "demo-district")])
    {
        let staff = district.staff.iter().find(|staff| staff.username == username).unwrap();
        assert_eq!((staff.site_id.as_str(), staff.password()), (home, format!("demo-{username}")));
        assert_eq!(staff.roles.len(), 1);
    }
    let departments: BTreeSet<_> = district.staff.iter().filter_map(|staff| staff.department_id.as_ref()).collect();
    assert!(departments.len() >= 5, "staff of several departments");
    let instant = |name: &str| district.staff.iter().any(|staff| staff.username == name && staff.decides_instant);
    assert!(instant("clerk1") && !instant("guide1"));
}
