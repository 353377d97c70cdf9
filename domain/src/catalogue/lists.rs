//! The code lists of GB/T 39046—2020 that the catalogue uses: names inside, codes only at the border.

use serde::{Deserialize, Serialize};

macro_rules! code_list {
    ($(#[$doc:meta])* $name:ident { $($(#[$case_doc:meta])* $case:ident = $code:literal $label:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$case_doc])* $case,)+ }

        impl $name {
            /// All values in the order of the list.
            pub const ALL: &'static [Self] = &[$(Self::$case,)+];

            /// The code of the national list.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $(Self::$case => $code,)+ }
            }

            /// The Chinese word.
            #[must_use]
            pub fn label(self) -> &'static str {
                match self { $(Self::$case => $label,)+ }
            }

            /// Reads a code with or without its leading zero.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.code() == code || value.code().strip_prefix('0') == Some(code))
            }
        }
    };
}

code_list! {
    /// 事项类型.
    MatterType {
        /// 行政许可.
        Permission = "01" "行政许可",
        /// 行政处罚.
        Penalty = "02" "行政处罚",
        /// 行政强制.
        Enforcement = "03" "行政强制",
        /// 行政征收.
        Levy = "04" "行政征收",
        /// 行政给付.
        Benefit = "05" "行政给付",
        /// 行政检查.
        Inspection = "06" "行政检查",
        /// 行政确认.
        Confirmation = "07" "行政确认",
        /// 行政奖励.
        Award = "08" "行政奖励",
        /// 行政裁决.
        Ruling = "09" "行政裁决",
        /// 其他行政权力.
        Other = "10" "其他行政权力",
        /// 公共服务.
        PublicService = "20" "公共服务",
    }
}

code_list! {
    /// 行使层级.
    ExerciseLevel {
        /// 国家级.
        National = "1" "国家级",
        /// 省级.
        Province = "2" "省级",
        /// 市级.
        City = "3" "市级",
        /// 县级.
        County = "4" "县级",
        /// 镇（乡、苏木、街道）级.
        Town = "5" "镇级",
        /// 村（嘎查、社区）级.
        Village = "6" "村级",
        /// 分级行使.
        Graded = "7" "分级",
    }
}

code_list! {
    /// 服务对象; the names are those of the API's `applicant.kind`.
    ApplicantKind {
        /// 自然人.
        Person = "1" "自然人",
        /// 企业法人.
        Enterprise = "2" "企业法人",
        /// 事业法人.
        Institution = "3" "事业法人",
        /// 社会组织法人.
        SocialOrg = "4" "社会组织法人",
        /// 行政机关.
        Agency = "5" "行政机关",
        /// 其他组织.
        Other = "6" "其他组织",
    }
}

code_list! {
    /// 办理形式.
    HandlingForm {
        /// 窗口办理.
        Window = "1" "窗口办理",
        /// 电脑端网上办理.
        Web = "2" "网上办理",
        /// 移动端办理.
        Mobile = "3" "移动端办理",
        /// 快递申请.
        Courier = "4" "快递申请",
        /// 其他.
        Other = "9" "其他",
    }
}

code_list! {
    /// 权力来源.
    PowerSource {
        /// 法定本级行使.
        Statutory = "1" "法定本级行使",
        /// 上级下放.
        Devolved = "2" "上级下放",
        /// 上级授权.
        AuthorisedFromAbove = "3" "上级授权",
        /// 同级授权.
        AuthorisedByPeer = "4" "同级授权",
        /// 上级委托.
        EntrustedFromAbove = "5" "上级委托",
        /// 同级委托.
        EntrustedByPeer = "6" "同级委托",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_with_and_without_zero() {
        assert_eq!(MatterType::from_code("1"), Some(MatterType::Permission));
        assert_eq!(MatterType::from_code("01"), Some(MatterType::Permission));
        assert_eq!(MatterType::from_code("10"), Some(MatterType::Other));
        assert_eq!(MatterType::from_code("20"), Some(MatterType::PublicService));
        for unknown in ["", "0", "00", "001", "11", "1.0", " 1", "010"] {
            assert_eq!(MatterType::from_code(unknown), None, "{unknown:?}");
        }
        for value in MatterType::ALL {
            assert_eq!(MatterType::from_code(value.code()), Some(*value));
        }
        assert_eq!(MatterType::ALL.len(), 11);
        assert_eq!(ApplicantKind::from_code("4"), Some(ApplicantKind::SocialOrg));
        assert_eq!(serde_json::to_string(&ApplicantKind::SocialOrg).ok().as_deref(), Some(r#""social_org""#));
    }
}
